"""The kill switch: a row `halt` of Settings, of one user or of the whole deployment. Where it is, nothing starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.notes import HALTED, HALTED_ALL
from chalicelib.domain.times import to_text
from chalicelib.errors import ConditionFailed
from chalicelib.store import Delete, Missing, Put, Store, Table

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

    def set_once(self, month: str, now: datetime) -> bool:
        """The deployment's, by its budget: once in a month, so that whoever has lifted it is not asked again."""
        told = Put(Table.SETTINGS, {"userId": DEPLOYMENT, "sk": f"budget#{month}"}, when=(Missing("sk"),))
        try:
            self.store.write(told, Put(Table.SETTINGS, {**halt_key(DEPLOYMENT), "since": to_text(now)}))
        except ConditionFailed:
            return False
        return True

    def lift(self, user_id: str) -> None:
        """The user's own; the deployment's stays."""
        self.store.write(Delete(Table.SETTINGS, halt_key(user_id)))
