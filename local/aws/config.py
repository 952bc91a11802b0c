"""What the embedded AWS reads from the environment; the launcher sets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from local.aws.keys import AwsKeys
from local.aws.secrets import TELEGRAM
from local.aws.sessions import LONGEST
from local.config import INHERITED
from local.docker.config import DockerConfig
from local.names import BUCKET, STAGE, TABLE_PREFIX
from local.provider import present_keys

BRIDGE_NAMES = (
    "WEBSOCKET_CALLBACK_URL",
    "CREDENTIALS_URL",
    "TELEGRAM_API_URL",
    "INACTIVITY_TIMEOUT_MINUTES",
    "BACKUP_SECONDS",
    "TURN_MINUTES",
    "TURN_TOOL_CALLS",
    "LOG_LEVEL",
    "LOG_FORMAT",
    "LLM_MODEL",
    "DEMO_MODEL_URL",
    "PERMISSION_MODE",
)
AGENT_NAMES = ("LLM_MODEL", "LOG_LEVEL")


@dataclass(frozen=True)
class AwsConfig:
    root: Path
    state: Path
    keys: Mapping[str, str]
    telegram: Mapping[str, str]  # our own secrets, which no agent gets
    bridge: Mapping[str, str]  # environment of the bridge
    agent: Mapping[str, str]
    basics: Mapping[str, str]
    log_level: str
    aws_keys: AwsKeys  # who has them is served
    origin: str = ""  # of the page, which uploads
    session: timedelta = LONGEST  # how long the bridge's credentials are good at most
    docker: DockerConfig | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> AwsConfig:
        fixed = {"STAGE": STAGE, "DYNAMODB_TABLE_PREFIX": TABLE_PREFIX, "S3_DATA_BUCKET": BUCKET}
        return cls(
            root=Path(environ["LOCAL_ROOT"]),
            state=Path(environ["LOCAL_STATE"]),
            keys=present_keys(environ),
            telegram=_chosen(environ, tuple(TELEGRAM)),
            bridge=fixed | _chosen(environ, BRIDGE_NAMES),
            agent=_chosen(environ, AGENT_NAMES),
            basics=_chosen(environ, INHERITED),
            log_level=environ.get("LOG_LEVEL", "INFO"),
            aws_keys=AwsKeys.from_env(environ),
            origin=environ.get("WEB_ORIGIN", ""),
            session=timedelta(seconds=float(environ.get("SESSION_SECONDS", LONGEST.total_seconds()))),
            docker=DockerConfig.from_env(environ),
        )


def _chosen(environ: Mapping[str, str], names: tuple[str, ...] | list[str]) -> dict[str, str]:
    return {name: environ[name] for name in names if name in environ}
