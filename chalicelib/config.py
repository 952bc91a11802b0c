"""The only reader of the Lambda functions' environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from chalicelib.domain.limits import LIMITS, RateLimit, read_limits
from chalicelib.domain.settings import PERMISSION_MODES, PermissionMode
from chalicelib.errors import ConfigError
from chalicelib.logs import FORMATS

Word = TypeVar("Word", bound=str)
TELEGRAM_URL = "https://api.telegram.org"
DEFAULT_MODEL = "demo/demo-1"
NO_BUDGET = "none"  # a stack has no empty output
LOCAL_USER_POOL = "arn:aws:cognito-idp:us-east-1:000000000000:userpool/local"


@dataclass(frozen=True)
class AppConfig:
    stage: str
    agent_runtime: str
    table_prefix: str
    data_bucket: str
    cluster_arn: str
    task_definition_arn: str
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]
    websocket_callback_url: str
    web_origin: str
    idle: timedelta
    llm_model: str
    log_level: str
    log_format: str = "json"
    telegram_url: str = TELEGRAM_URL
    bridge_role_arn: str = ""  # what a bridge gets sessions of; empty where it has credentials of its own
    budget_arn: str = ""  # whose end sets the kill switch; empty where none does
    user_pool_id: str = ""  # empty on a laptop
    permission_mode: PermissionMode = "full"  # of who has chosen none
    limits: Mapping[str, RateLimit] = field(default_factory=lambda: LIMITS)

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> AppConfig:
        """Raises ConfigError with the key, the value and what was wanted."""
        stage = text(environ, "STAGE")
        return cls(
            stage=stage,
            agent_runtime=choice(environ, "AGENT_RUNTIME", ("fargate", "lambda", "both")),
            table_prefix=environ.get("DYNAMODB_TABLE_PREFIX") or f"serverless-openclaw-{stage}-",
            data_bucket=text(environ, "S3_DATA_BUCKET"),
            cluster_arn=text(environ, "ECS_CLUSTER_ARN"),
            task_definition_arn=text(environ, "TASK_DEFINITION_ARN"),
            subnet_ids=names(environ, "SUBNET_IDS"),
            security_group_ids=names(environ, "SECURITY_GROUP_IDS"),
            websocket_callback_url=text(environ, "WEBSOCKET_CALLBACK_URL"),
            web_origin=text(environ, "WEB_ORIGIN"),
            idle=minutes(environ, "INACTIVITY_TIMEOUT_MINUTES", 15),
            llm_model=environ.get("LLM_MODEL") or DEFAULT_MODEL,
            log_level=choice(environ, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
            log_format=choice(environ, "LOG_FORMAT", FORMATS),
            telegram_url=environ.get("TELEGRAM_API_URL") or TELEGRAM_URL,
            bridge_role_arn=environ.get("BRIDGE_ROLE_ARN", ""),
            budget_arn=environ.get("BUDGET_ARN", "").removeprefix(NO_BUDGET),
            user_pool_id=environ.get("USER_POOL_ARN", "").rpartition("/")[2],
            permission_mode=choice(environ, "PERMISSION_MODE", PERMISSION_MODES),
            limits=read_limits(environ.get("LIMITS", "")),
        )


def user_pool_arn(environ: Mapping[str, str]) -> str:
    """Read when the routes are packaged: API Gateway checks the tokens of this pool."""
    return environ.get("USER_POOL_ARN") or LOCAL_USER_POOL


def text(environ: Mapping[str, str], key: str, default: str | None = None) -> str:
    value = environ.get(key) or default
    if not value:
        raise ConfigError(f"{key} is not set")
    return value


def choice(environ: Mapping[str, str], key: str, possible: tuple[Word, ...]) -> Word:
    """The value of `key`; the first of `possible` when it is not set."""
    value = environ.get(key) or possible[0]
    for each in possible:
        if each == value:
            return each
    raise ConfigError(f"{key} is {value!r}, wanted one of {', '.join(possible)}")


def names(environ: Mapping[str, str], key: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text(environ, key).split(",") if name.strip())


def number(environ: Mapping[str, str], key: str, default: int) -> int:
    value = environ.get(key) or str(default)
    if not value.isdecimal():
        raise ConfigError(f"{key} is {value!r}, wanted a whole number from 0")
    return int(value)


def minutes(environ: Mapping[str, str], key: str, default: float) -> timedelta:
    value = environ.get(key) or str(default)
    try:
        span = timedelta(minutes=float(value))
    except (ValueError, OverflowError):
        span = timedelta()
    if span <= timedelta():
        raise ConfigError(f"{key} is {value!r}, wanted minutes above 0")
    return span
