"""`secrets list | set NAME | remove NAME`."""

from __future__ import annotations

from chalicelib.domain.models import PROVIDERS
from infra.context import StepContext
from infra.errors import DriverError
from infra.keys import TryKey, ask_key, try_key

KEY = "-api-key"
NAMES = (*(f"{name}{KEY}" for name in PROVIDERS), "telegram-bot-token", "telegram-webhook-secret")


def secrets(context: StepContext, tried: TryKey = try_key) -> None:
    match context.config.arguments:
        case () | ("list",):
            for name in context.aws.secrets.names():
                context.console.say(name)
        case ("set", name) if name in NAMES:
            context.aws.secrets.put(name, _ask(context, name, tried))
            context.console.say(
                "Stored. A changed key counts with the next call; the agent knows of a new provider at its next start."
            )
        case ("remove", name) if name in NAMES:
            context.aws.secrets.delete(name)
            context.console.say("Removed. No call is made with it any more.")
        case _:
            raise DriverError(f"secrets list | set NAME | remove NAME; NAME is one of {', '.join(NAMES)}")


def _ask(context: StepContext, name: str, tried: TryKey) -> str:
    where = "run it in a terminal"
    if name.endswith(KEY):
        return ask_key(context.console, name.removesuffix(KEY), where, tried)
    value = context.console.ask_secret(f"{name} (not shown):", where)
    if not value:
        raise DriverError("Nothing was stored.")
    return value
