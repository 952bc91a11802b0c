"""What the bridge's session may do in the tables: its policy stands before the simulated ones, as in front of AWS's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.adapters.tables import hash_key
from chalicelib.domain.credentials import Realm, session_policy
from chalicelib.store import Check, Delete, Item, Key, Put, Store, Table, Update, Write
from local.aws.policy import Call, Policy
from tests.simulation.history import History

ACTIONS: dict[type[Write], str] = {
    Put: "PutItem",
    Update: "UpdateItem",
    Delete: "DeleteItem",
    Check: "ConditionCheckItem",
}
REALM = Realm("aws", "stage-", "bucket", "stage")


class Denied(Exception):
    """IAM says no."""


@dataclass(frozen=True)
class GuardedStore:
    """Implements the port `Store`."""

    inner: Store
    policy: Policy
    history: History
    allowed: set[tuple[str, Table, str]] = field(default_factory=set)  # asked before: a policy does not change

    @classmethod
    def of(cls, store: Store, user: str, history: History) -> GuardedStore:
        return cls(store, Policy.of(session_policy(user, REALM)), history)

    def get(self, table: Table, key: Key) -> Item | None:
        self._ask("GetItem", table, key)
        return self.inner.get(table, key)

    def query(self, table: Table, user_id: str, **options: Any) -> Sequence[Item]:
        self._ask("Query", table, {hash_key(table): user_id})
        return self.inner.query(table, user_id, **options)

    def active(self) -> Iterable[Item]:
        self._ask("Scan", Table.TASK_STATE, {})
        return self.inner.active()

    def expiring(self, second: int) -> Iterable[Item]:
        self._ask("Scan", Table.CONNECTIONS, {})
        return self.inner.expiring(second)

    def write(self, *writes: Write) -> Item:
        for each in writes:
            self._ask(ACTIONS[type(each)], each.table, each.item if isinstance(each, Put) else each.key)
        return self.inner.write(*writes)

    def _ask(self, action: str, table: Table, key: Item) -> None:
        asked = (action, table, str(key[hash_key(table)]) if key else "")
        if asked in self.allowed:
            return
        leading = {"dynamodb:LeadingKeys": (asked[-1],)} if key else {}
        call = Call(f"dynamodb:{action}", f"arn:aws:dynamodb:here:1:table/{REALM.table_prefix}{table.value}", leading)
        if not self.policy.allows(call):
            self.history.note("denied", action=action, table=table.value)
            raise Denied(f"{action} on {table.value}")
        self.allowed.add(asked)
