"""`halt on | off`: the kill switch of the whole deployment. The watchdog stops what runs within a minute."""

from __future__ import annotations

from chalicelib.domain.times import to_text
from chalicelib.store import Table
from chalicelib.tables.halts import DEPLOYMENT, halt_key
from infra.context import StepContext
from infra.errors import DriverError

HALTED = "Everything stops within a minute, and nothing starts. What people write is kept. `halt off` ends it."
LIFTED = "Agents may work again; those that somebody waits for start within a minute."


def halt(context: StepContext) -> None:
    table = f"{context.names.table_prefix}{Table.SETTINGS.value}"
    match context.config.arguments:
        case ("on",):
            context.aws.tables.put(table, {**halt_key(DEPLOYMENT), "since": to_text(context.clock())})
            context.console.say(HALTED)
        case ("off",):
            context.aws.tables.drop(table, halt_key(DEPLOYMENT))
            context.console.say(LIFTED)
        case _:
            raise DriverError("halt on | off")
