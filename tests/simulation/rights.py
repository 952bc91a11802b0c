"""What a bridge's session and a function's role may do in the tables: their policies stand before these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.adapters.tables import ACTIVE_INDEX, hash_key
from chalicelib.domain.credentials import Realm, session_policy
from chalicelib.store import Check, Delete, Item, Key, Put, Store, Table, Update, Write
from infra.chalice import ROLES
from local.aws.policy import Call, Policy
from local.aws.roles import policy_of
from local.names import ACCOUNT, BUCKET, REGION, STAGE, TABLE_PREFIX
from tests.simulation.history import History

ACTIONS: dict[type[Write], str] = {
    Put: "PutItem",
    Update: "UpdateItem",
    Delete: "DeleteItem",
    Check: "ConditionCheckItem",
}
REALM = Realm("aws", TABLE_PREFIX, BUCKET, STAGE)
API = "api_handler"  # the function of all that is no socket's event and no timer's


class Denied(Exception):
    """IAM says no."""


@dataclass(frozen=True)
class GuardedStore:
    """Implements the port `Store`. `caller`: who asks, and what they may."""

    inner: Store
    caller: Callable[[], tuple[str, Policy]]
    history: History
    allowed: set[tuple[str, ...]] = field(default_factory=set)  # asked before: a policy does not change

    @classmethod
    def of_bridge(cls, store: Store, user: str, history: History) -> GuardedStore:
        session = (user, Policy.of(session_policy(user, REALM)))
        return cls(store, lambda: session, history)

    @classmethod
    def of_functions(cls, store: Store, process: Callable[[], str], history: History) -> GuardedStore:
        """`process`: the name of the one that asks, which ends with its event's."""

        def caller() -> tuple[str, Policy]:
            event = process().rpartition(" ")[2]
            role = ROLES[next((each for each in ROLES if each in (event, f"websocket_{event}")), API)]
            return role, policy_of(role)

        return cls(store, caller, history)

    def get(self, table: Table, key: Key) -> Item | None:
        self._ask("GetItem", table, key)
        return self.inner.get(table, key)

    def query(self, table: Table, user_id: str, **options: Any) -> Sequence[Item]:
        self._ask("Query", table, {hash_key(table): user_id})
        return self.inner.query(table, user_id, **options)

    def active(self) -> Iterable[Item]:
        self._ask("Query", Table.TASK_STATE, {hash_key(Table.TASK_STATE): "yes"}, f"/index/{ACTIVE_INDEX}")
        return self.inner.active()

    def expiring(self, second: int) -> Iterable[Item]:
        self._ask("Scan", Table.CONNECTIONS, {})
        return self.inner.expiring(second)

    def write(self, *writes: Write) -> Item:
        for each in writes:
            self._ask(ACTIONS[type(each)], each.table, each.item if isinstance(each, Put) else each.key)
        return self.inner.write(*writes)

    def _ask(self, action: str, table: Table, key: Item, index: str = "") -> None:
        who, policy = self.caller()
        asked = (who, action, table.value, str(key[hash_key(table)]) if key else "", index)
        if asked in self.allowed:
            return
        leading = {"dynamodb:LeadingKeys": (asked[3],)} if key else {}
        place = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE_PREFIX}{table.value}{index}"
        if not policy.allows(Call(f"dynamodb:{action}", place, leading)):
            self.history.note("denied", who=who, action=action, table=table.value)
            raise Denied(f"{action} on {table.value}")
        self.allowed.add(asked)
