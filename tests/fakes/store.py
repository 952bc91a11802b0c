"""The Store in memory: the tables as dicts, one lock, no clock. Agrees with DynamoStore by the same contract suite."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from copy import deepcopy
from threading import Lock
from typing import Any

from chalicelib.adapters.tables import ACTIVE_INDEX, hash_key
from chalicelib.errors import ConditionFailed
from chalicelib.store import (
    AtMost,
    Below,
    Check,
    Condition,
    Delete,
    Equals,
    Exists,
    Item,
    Key,
    Missing,
    MissingOrBelow,
    OneOf,
    Put,
    Table,
    Update,
    Write,
)

Slot = tuple[Table, str, str]  # table, hash key, sort key ("" where there is none)
Row = dict[str, Any]


class MemoryStore:
    def __init__(self) -> None:
        self.rows: dict[Slot, Row] = {}
        self._lock = Lock()

    def get(self, table: Table, key: Key) -> Item | None:
        with self._lock:
            return deepcopy(self.rows.get(_slot(table, key)))

    def query(
        self,
        table: Table,
        user_id: str,
        *,
        start: str = "",
        end: str = "\uffff",
        limit: int | None = None,
        newest: bool = False,
    ) -> Sequence[Item]:
        with self._lock:
            slots = sorted(slot for slot in self.rows if slot[:2] == (table, user_id) and start <= slot[2] <= end)
            if limit is not None:
                slots = slots[-limit:] if newest else slots[:limit]
            return [deepcopy(self.rows[slot]) for slot in slots]

    def active(self) -> list[Item]:
        with self._lock:
            rows = [self.rows[slot] for slot in sorted(self.rows, key=lambda slot: slot[1:]) if _listed(slot, self)]
            return deepcopy(list[Item](rows))

    def expiring(self, second: int) -> list[Item]:
        with self._lock:
            rows = [row for slot, row in sorted(self.rows.items(), key=str) if slot[0] is Table.CONNECTIONS]
            return deepcopy(list[Item](row for row in rows if row.get("expiresAt", second + 1) <= second))

    def write(self, *writes: Write) -> Item:
        with self._lock:
            slots = [_slot(write.table, write.item if isinstance(write, Put) else write.key) for write in writes]
            if len(set(slots)) < len(slots):
                raise ValueError("a transaction may touch an item only once")
            rows = [_written(self.rows.get(slot), write) for slot, write in zip(slots, writes, strict=True)]
            for slot, row in zip(slots, rows, strict=True):
                self._keep(slot, row)
            return deepcopy(rows[0] or {}) if len(writes) == 1 and isinstance(writes[0], Update) else {}

    def _keep(self, slot: Slot, row: Row | None) -> None:
        if row is None:
            self.rows.pop(slot, None)
        else:
            self.rows[slot] = row


def _listed(slot: Slot, store: MemoryStore) -> bool:
    return slot[0] is Table.TASK_STATE and ACTIVE_INDEX in store.rows[slot]


def _slot(table: Table, key: Mapping[str, Any]) -> Slot:
    return table, key[hash_key(table)], key.get("sk", "") if table not in _HASH_ONLY else ""


_HASH_ONLY = (Table.TASK_STATE, Table.CONNECTIONS)


def _written(row: Row | None, write: Write) -> Row | None:
    """The row after the write; None when there is none. Raises ConditionFailed."""
    for condition in write.when:
        if not _holds(row or {}, condition):
            raise ConditionFailed(f"{condition} does not hold for {row}")
    match write:
        case Put():
            return {name: deepcopy(value) for name, value in write.item.items() if value is not None}
        case Update():
            return _updated(row or dict(write.key), write)
        case Delete():
            return None
        case Check():
            return row


def _updated(before: Row, write: Update) -> Row:
    if not (write.set or write.default or write.add or write.insert or write.discard or write.remove):
        raise ValueError("an update can not be empty")
    row = deepcopy(before)
    for name, value in {**dict.fromkeys(write.remove), **write.set}.items():
        _place(row, name, deepcopy(value))
    for name, value in write.default.items():
        row.setdefault(name, deepcopy(value))
    for name, amount in write.add.items():
        row[name] = row.get(name, 0) + amount
    for name, added in write.insert.items():
        row[name] = row.get(name, frozenset()) | added
    for name, gone in write.discard.items():
        _place(row, name, (row.get(name, frozenset()) - gone) or None)
    return row


def _place(row: Row, path: str, value: Any) -> None:
    """Sets `a` or `a.b`; None removes it. The map `a` must be there, as in DynamoDB."""
    *parents, name = path.split(".")
    inner: MutableMapping[str, Any] = row
    for parent in parents:
        inner = inner[parent]
    if value is None:
        inner.pop(name, None)
    else:
        inner[name] = value


def _holds(row: Mapping[str, Any], condition: Condition) -> bool:
    there = _found(row, condition.attribute)
    match condition:
        case Missing() | Exists():
            return (there is None) is isinstance(condition, Missing)
        case Equals(_, value):
            return there is not None and bool(there == value)
        case OneOf(_, values):
            return there is not None and there in values
        case Below(_, value):
            return there is not None and bool(there < value)
        case MissingOrBelow(_, value):
            return there is None or bool(there < value)
        case AtMost(_, value):
            return there is not None and bool(there <= value)


def _found(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
