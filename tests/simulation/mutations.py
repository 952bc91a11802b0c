"""A store whose writes are changed on their way: how most bugs are put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from chalicelib.store import Condition, Delete, Item, Key, Put, Store, Table, Update, Write


class Changed:
    """Passes everything on; children change writes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def change(self, write: Write) -> Write:
        return write

    def get(self, table: Table, key: Key) -> Item | None:
        return self._store.get(table, key)

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
        return self._store.query(table, user_id, start=start, end=end, limit=limit, newest=newest)

    def active(self) -> Iterable[Item]:
        return self._store.active()

    def expiring(self, second: int) -> Iterable[Item]:
        return self._store.expiring(second)

    def write(self, *writes: Write) -> Item:
        return self._store.write(*(self.change(write) for write in writes))


def without(write: Write, *attributes: str) -> Write:
    """The write without its conditions on these attributes."""
    kept = tuple(each for each in write.when if not _about(each, attributes))
    return replace(write, when=kept)


def sets_status(write: Write, status: str) -> bool:
    return isinstance(write, Update) and write.table is Table.TASK_STATE and write.set.get("status") == status


def is_message(write: Write, kind: str) -> bool:
    key = write.item if isinstance(write, Put) else write.key
    return write.table is Table.PENDING_MESSAGES and str(key.get("sk", "")).startswith(kind)


def closes_message(write: Write) -> bool:
    return isinstance(write, Delete) and is_message(write, "in#")


def _about(condition: Condition, attributes: tuple[str, ...]) -> bool:
    return condition.attribute in attributes
