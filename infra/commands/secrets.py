"""`secrets list | set NAME | remove NAME`."""

from __future__ import annotations

from chalicelib.domain.models import PROVIDERS
from infra.context import Work
from infra.errors import DriverError

NAMES = (*(f"{name}-api-key" for name in PROVIDERS), "telegram-bot-token", "telegram-webhook-secret")


def secrets(work: Work) -> None:
    match work.settings.words:
        case () | ("list",):
            for name in work.aws.secrets.names():
                work.voice.say(name)
        case ("set", name) if name in NAMES:
            value = work.voice.ask_secret(f"{name} (not shown):", "run it in a terminal")
            if not value:
                raise DriverError("Nothing was stored.")
            work.aws.secrets.put(name, value)
            work.voice.say(
                "Stored. `make deploy` tells the agent of a new provider; a changed key counts at its next start."
            )
        case ("remove", name) if name in NAMES:
            work.aws.secrets.delete(name)
            work.voice.say("Removed. Run `make deploy`, so that no task asks for it.")
        case _:
            raise DriverError(f"secrets list | set NAME | remove NAME; NAME is one of {', '.join(NAMES)}")
