"""The kill switch: a row `halt` of Settings, of one user or of the whole deployment. Where it is, nothing starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.notes import HALTED, HALTED_ALL
from chalicelib.domain.times import to_text
from chalicelib.store import Delete, Put, Store, Table

DEPLOYMENT = "deployment"  # no user's id: those are UUIDs
HALT = "halt"


def halt_key(scope: str) -> dict[str, str]:
    return {"userId": scope, "sk": HALT}


@dataclass(frozen=True)
class Halts:
    store: Store

    def of(self, user_id: str) -> str | None:
        """The note that says who has stopped this user's agent; None where it may work."""
        if self.store.get(Table.SETTINGS, halt_key(DEPLOYMENT)):
            return HALTED_ALL
        return HALTED if self.store.get(Table.SETTINGS, halt_key(user_id)) else None

    def set(self, user_id: str, now: datetime) -> None:
        self.store.write(Put(Table.SETTINGS, {**halt_key(user_id), "since": to_text(now)}))

    def lift(self, user_id: str) -> None:
        """The user's own; the deployment's stays."""
        self.store.write(Delete(Table.SETTINGS, halt_key(user_id)))
