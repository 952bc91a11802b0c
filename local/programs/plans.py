"""What each program of the local product gets to know: its environment, and nothing of the launcher's beyond it."""

from __future__ import annotations

from chalicelib.domain.credentials import PATH
from local.config import LocalConfig
from local.names import (
    AWS_ENVIRONMENT,
    BRIDGE_ROLE_ARN,
    BUCKET,
    CLUSTER_ARN,
    SECURITY_GROUP,
    STAGE,
    SUBNET,
    TABLE_PREFIX,
    TASK_DEFINITION_ARN,
)
from local.programs.program import Plan


def demo_model(config: LocalConfig) -> Plan:
    return Plan("demo model", "local.demo_model", _common(config))


def aws(config: LocalConfig, demo_model_url: str) -> Plan:
    return Plan(
        "embedded AWS",
        "local.aws",
        _common(config)
        | {
            "INACTIVITY_TIMEOUT_MINUTES": f"{config.idle_minutes:g}",
            "BACKUP_SECONDS": f"{config.backup_seconds:.0f}",
            "WEBSOCKET_CALLBACK_URL": callback_url(config),
            "LLM_MODEL": config.model,
            "PERMISSION_MODE": config.permission_mode,
            "DEMO_MODEL_URL": demo_model_url,
            "MOTO_DISABLE_GLOBAL_CORS": "true",  # no page may read it
            "WEB_ORIGIN": config.origin,  # but ours may upload
            "CREDENTIALS_URL": f"http://127.0.0.1:{config.port}/api{PATH}",
            "SESSION_SECONDS": f"{config.session_seconds:g}",
            "TELEGRAM_API_URL": config.telegram_url,
            **AWS_ENVIRONMENT,
            **config.aws_keys.environ(),
            **config.keys,
            **(config.docker.environ() if config.docker else {}),
            **telegram_secrets(config),
        },
    )


def cloud(config: LocalConfig, endpoint: str) -> Plan:
    """The app's own names (as on Lambda), and what the emulator around it needs."""
    return Plan(
        "page, API and sign-in",
        "local.cloud",
        _common(config)
        | {
            "PORT": str(config.port),
            "WATCHDOG_SECONDS": f"{config.watchdog_seconds or 0:g}",
            "TOKEN_SECONDS": f"{config.token_seconds:g}",
            "STAGE": STAGE,
            "AGENT_RUNTIME": "fargate",
            "DYNAMODB_TABLE_PREFIX": TABLE_PREFIX,
            "S3_DATA_BUCKET": BUCKET,
            "ECS_CLUSTER_ARN": CLUSTER_ARN,
            "TASK_DEFINITION_ARN": TASK_DEFINITION_ARN,
            "SUBNET_IDS": SUBNET,
            "SECURITY_GROUP_IDS": SECURITY_GROUP,
            "WEBSOCKET_CALLBACK_URL": callback_url(config),
            "WEB_ORIGIN": config.origin,
            "INACTIVITY_TIMEOUT_MINUTES": f"{config.idle_minutes:g}",
            "LLM_MODEL": config.model,
            "PERMISSION_MODE": config.permission_mode,
            "AWS_ENDPOINT_URL": endpoint,
            "BRIDGE_ROLE_ARN": BRIDGE_ROLE_ARN,
            "TELEGRAM_API_URL": config.telegram_url,
            "LIMITS": config.limits,
            **AWS_ENVIRONMENT,
            **config.aws_keys.environ(),
        },
    )


def telegram(config: LocalConfig) -> Plan:
    places = {"TELEGRAM_API_URL": config.telegram_url, "TELEGRAM_TARGET": f"{config.origin}/api/telegram"}
    return Plan("Telegram", "local.telegram", _common(config) | places | telegram_secrets(config))


def telegram_secrets(config: LocalConfig) -> dict[str, str]:
    """Nothing without a bot: the webhook is closed then."""
    if not config.telegram_token:
        return {}
    return {"TELEGRAM_BOT_TOKEN": config.telegram_token, "TELEGRAM_WEBHOOK_SECRET": config.telegram_secret}


def callback_url(config: LocalConfig) -> str:
    return f"http://127.0.0.1:{config.port}/{STAGE}"


def _common(config: LocalConfig) -> dict[str, str]:
    places = {"LOCAL_ROOT": str(config.root), "LOCAL_STATE": str(config.state)}
    log = {"LOG_LEVEL": config.log_level, "LOG_FORMAT": config.log_format}
    return {**config.basics, **places, **log, "PYTHONUNBUFFERED": "1"}
