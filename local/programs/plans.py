"""What each program of the local product gets to know: its environment, and nothing of the launcher's beyond it."""

from __future__ import annotations

from local.config import Settings
from local.names import (
    AWS_ENVIRONMENT,
    BUCKET,
    CLUSTER_ARN,
    SECURITY_GROUP,
    STAGE,
    SUBNET,
    TABLE_PREFIX,
    TASK_DEFINITION_ARN,
)
from local.programs.program import Plan


def demo_model(settings: Settings) -> Plan:
    return Plan("demo model", "local.demo_model", _common(settings))


def aws(settings: Settings, demo_model_url: str) -> Plan:
    return Plan(
        "embedded AWS",
        "local.aws",
        _common(settings)
        | {
            "INACTIVITY_TIMEOUT_MINUTES": f"{settings.idle_minutes:g}",
            "BACKUP_SECONDS": f"{settings.backup_seconds:.0f}",
            "WEBSOCKET_CALLBACK_URL": callback_url(settings),
            "LLM_MODEL": settings.model,
            "DEMO_MODEL_URL": demo_model_url,
            "MOTO_DISABLE_GLOBAL_CORS": "true",  # no page may read it
            "TELEGRAM_API_URL": settings.telegram_url,
            **AWS_ENVIRONMENT,
            **settings.keys,
            **(settings.containers.environ() if settings.containers else {}),
            **telegram_secrets(settings),
        },
    )


def cloud(settings: Settings, endpoint: str) -> Plan:
    """The app's own names (as on Lambda), and what the emulator around it needs."""
    return Plan(
        "page, API and sign-in",
        "local.cloud",
        _common(settings)
        | {
            "PORT": str(settings.port),
            "WATCHDOG_SECONDS": f"{settings.watchdog_seconds or 0:g}",
            "STAGE": STAGE,
            "AGENT_RUNTIME": "fargate",
            "DYNAMODB_TABLE_PREFIX": TABLE_PREFIX,
            "S3_DATA_BUCKET": BUCKET,
            "ECS_CLUSTER_ARN": CLUSTER_ARN,
            "TASK_DEFINITION_ARN": TASK_DEFINITION_ARN,
            "SUBNET_IDS": SUBNET,
            "SECURITY_GROUP_IDS": SECURITY_GROUP,
            "WEBSOCKET_CALLBACK_URL": callback_url(settings),
            "WEB_ORIGIN": settings.origin,
            "INACTIVITY_TIMEOUT_MINUTES": f"{settings.idle_minutes:g}",
            "LLM_MODEL": settings.model,
            "AWS_ENDPOINT_URL": endpoint,
            "TELEGRAM_API_URL": settings.telegram_url,
            **AWS_ENVIRONMENT,
        },
    )


def telegram(settings: Settings) -> Plan:
    places = {"TELEGRAM_API_URL": settings.telegram_url, "TELEGRAM_TARGET": f"{settings.origin}/api/telegram"}
    return Plan("Telegram", "local.telegram", _common(settings) | places | telegram_secrets(settings))


def telegram_secrets(settings: Settings) -> dict[str, str]:
    """Nothing without a bot: the webhook is closed then."""
    if not settings.telegram_token:
        return {}
    return {"TELEGRAM_BOT_TOKEN": settings.telegram_token, "TELEGRAM_WEBHOOK_SECRET": settings.telegram_secret}


def callback_url(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.port}/{STAGE}"


def _common(settings: Settings) -> dict[str, str]:
    places = {"LOCAL_ROOT": str(settings.root), "LOCAL_STATE": str(settings.state)}
    log = {"LOG_LEVEL": settings.log_level, "LOG_FORMAT": settings.log_format}
    return {**settings.basics, **places, **log, "PYTHONUNBUFFERED": "1"}
