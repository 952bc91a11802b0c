"""`secrets list | set NAME | remove NAME`."""

from __future__ import annotations

from chalicelib.domain.models import PROVIDERS
from infra.context import StepContext
from infra.errors import DriverError

NAMES = (*(f"{name}-api-key" for name in PROVIDERS), "telegram-bot-token", "telegram-webhook-secret")


def secrets(context: StepContext) -> None:
    match context.config.arguments:
        case () | ("list",):
            for name in context.aws.secrets.names():
                context.console.say(name)
        case ("set", name) if name in NAMES:
            value = context.console.ask_secret(f"{name} (not shown):", "run it in a terminal")
            if not value:
                raise DriverError("Nothing was stored.")
            context.aws.secrets.put(name, value)
            context.console.say(
                "Stored. A changed key counts with the next call; the agent knows of a new provider at its next start."
            )
        case ("remove", name) if name in NAMES:
            context.aws.secrets.delete(name)
            context.console.say("Removed. No call is made with it any more.")
        case _:
            raise DriverError(f"secrets list | set NAME | remove NAME; NAME is one of {', '.join(NAMES)}")
