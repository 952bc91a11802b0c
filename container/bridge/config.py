"""The only reader of the bridge's environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from chalicelib.config import TELEGRAM_URL, choice, minutes, number, text
from chalicelib.domain.settings import PERMISSION_MODES, PermissionMode
from chalicelib.logs import FORMATS


@dataclass(frozen=True)
class RelayConfig:
    """Of the relay of model calls."""

    model: str = ""  # that answers when none is chosen
    demo_url: str = ""
    proxy: str = ""  # the network's own, to the providers
    no_proxy: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> RelayConfig:
        return cls(
            model=environ.get("LLM_MODEL", ""),
            demo_url=environ.get("DEMO_MODEL_URL", ""),
            proxy=environ.get("HTTPS_PROXY") or environ.get("https_proxy") or "",
            no_proxy=environ.get("NO_PROXY") or environ.get("no_proxy") or "",
        )


@dataclass(frozen=True)
class BridgeConfig:
    user_id: str
    epoch: int
    key: str  # this epoch's, in hex
    address: str  # host:port to listen on, and what the agent's row says
    gateway_port: int
    state_dir: Path
    control_dir: Path
    table_prefix: str
    data_bucket: str
    websocket_callback_url: str
    idle: timedelta
    backup: timedelta  # a change is in the bucket within this time
    stop_seconds: int  # between SIGTERM and SIGKILL
    turn: timedelta  # the longest that one answer may take
    turn_tool_calls: int  # the most tools that one answer may use
    log_level: str
    log_format: str
    stage: str
    telegram_url: str
    relay: RelayConfig
    credentials_url: str  # where the cloud issues them
    permission_mode: PermissionMode  # of an owner who has chosen none

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> BridgeConfig:
        """Raises ConfigError with the key, the value and what was wanted."""
        stage = text(environ, "STAGE")
        return cls(
            user_id=text(environ, "USER_ID"),
            epoch=number(environ, "EPOCH", 0),
            key=text(environ, "BRIDGE_KEY"),
            address=text(environ, "BRIDGE_ADDRESS", "0.0.0.0:8080"),
            gateway_port=number(environ, "GATEWAY_PORT", 18789),
            state_dir=Path(text(environ, "STATE_DIR")),
            control_dir=Path(text(environ, "CONTROL_DIR")),
            table_prefix=environ.get("DYNAMODB_TABLE_PREFIX") or f"serverless-openclaw-{stage}-",
            data_bucket=text(environ, "S3_DATA_BUCKET"),
            websocket_callback_url=text(environ, "WEBSOCKET_CALLBACK_URL"),
            idle=minutes(environ, "INACTIVITY_TIMEOUT_MINUTES", 15),
            backup=timedelta(seconds=number(environ, "BACKUP_SECONDS", 60)),
            stop_seconds=number(environ, "STOP_TIMEOUT_SECONDS", 120),
            turn=minutes(environ, "TURN_MINUTES", 60),
            turn_tool_calls=number(environ, "TURN_TOOL_CALLS", 200),
            log_level=choice(environ, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
            log_format=choice(environ, "LOG_FORMAT", FORMATS),
            stage=stage,
            telegram_url=environ.get("TELEGRAM_API_URL") or TELEGRAM_URL,
            relay=RelayConfig.from_env(environ),
            credentials_url=text(environ, "CREDENTIALS_URL"),
            permission_mode=choice(environ, "PERMISSION_MODE", PERMISSION_MODES),
        )
