"""DynamoDB in the simulation: the store in memory, with the ways in which a call can end badly.

Every effective write is noted with the rows before and after it, which is what the checker believes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TypeVar

from chalicelib.errors import ConditionFailed
from chalicelib.store import Delete, Item, Key, Table, Update, Write
from tests.fakes.store import MemoryStore, Row, Slot, _slot
from tests.simulation.ports import Line
from tests.simulation.scheduler import Process

Result = TypeVar("Result")


class StoreFault(Exception):
    """DynamoDB did not answer, or answered with a fault of its own."""


class NotingStore(MemoryStore):
    """Remembers what the write that is being made changes. Rows are shown, not copied: each write makes new ones."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[tuple[Slot, Row | None, Row | None]] = []

    def get(self, table: Table, key: Key) -> Item | None:
        row = self.rows.get(_slot(table, key))
        return None if row is None else MappingProxyType(row)

    def query(
        self,
        table: Table,
        user_id: str,
        *,
        start: str = "",
        end: str = "\uffff",
        limit: int | None = None,
        newest: bool = False,
    ) -> list[Item]:
        slots = sorted(slot for slot in self.rows if slot[:2] == (table, user_id) and start <= slot[2] <= end)
        if limit is not None:
            slots = slots[-limit:] if newest else slots[:limit]
        return [MappingProxyType(self.rows[slot]) for slot in slots]

    def _keep(self, slot: Slot, row: Row | None) -> None:
        self.changes.append((slot, self.rows.get(slot), row))
        super()._keep(slot, row)


class SimulatedStore:
    """Implements the port `Store`."""

    def __init__(self, line: Line) -> None:
        self.inner = NotingStore()
        self._line = line
        self._index: list[Item] = []
        self._indexed_at = -1.0
        self._back_at = -1.0  # the end of an outage

    def get(self, table: Table, key: Key) -> Item | None:
        return self._read(lambda: self.inner.get(table, key))

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
        return self._read(lambda: self.inner.query(table, user_id, start=start, end=end, limit=limit, newest=newest))

    def active(self) -> list[Item]:
        """The index lags: now and then it tells what it told a while ago."""
        fresh = self._read(self.inner.active)
        if self._line.faults.strike("index_stale") and self._line.scheduler.now - self._indexed_at < 90:
            return self._index
        self._index, self._indexed_at = fresh, self._line.scheduler.now
        return fresh

    def expiring(self, second: int) -> list[Item]:
        return self._read(lambda: self.inner.expiring(second))

    def write(self, *writes: Write) -> Item:
        faults = self._line.faults
        self._arrive()
        if faults.strike("store_late"):
            self._line.scheduler.after(faults.between(0.5, 6), self._afterwards(writes))
            raise StoreFault("DynamoDB did not answer in time")
        item = self._apply(writes)
        if faults.strike("store_lost"):
            self._line.travel((1.0, 5.0))
            raise StoreFault("the answer to a write was lost")
        if faults.strike("store_repeat"):
            self._line.travel((0.1, 1.0))
            item = self._apply(writes)
        self._line.travel()
        return item

    def _afterwards(self, writes: Sequence[Write]) -> Callable[[], None]:
        """A request that was given up may still arrive."""
        process = self._line.scheduler.process

        def apply() -> None:
            with suppress(ConditionFailed):
                self._apply(writes, process)

        return apply

    def _read(self, look: Callable[[], Result]) -> Result:
        self._arrive()
        found = look()
        self._line.travel()
        return found

    def _arrive(self) -> None:
        faults, now = self._line.faults, self._line.scheduler.now
        if faults.strike("store_outage"):
            self._back_at = now + faults.between(10, 40)
        self._line.travel((0.2, 3.0) if faults.strike("store_slow") else (0.002, 0.02))
        if now < self._back_at or faults.strike("store_error"):
            self._line.travel((0.05, 1.0))
            raise StoreFault("DynamoDB does not answer")

    def _apply(self, writes: Sequence[Write], late: Process | None = None) -> Item:
        """One instant. The SDK repeats with the same token; a second one meets its own effect all the same, when
        the first is still under way and the store's own loop tries again."""
        self.inner.changes = []
        try:
            item = self.inner.write(*writes)
        except ConditionFailed:
            self._line.history.note("refused", what=purpose(writes))
            raise
        process = late or self._line.scheduler.process
        epoch = process.epoch if process else None
        self._line.history.note("write", late.name if late else None, epoch=epoch, changes=self.inner.changes)
        return item


def purpose(writes: Sequence[Write]) -> str:
    """What the writes were to do, in one word."""
    for write in writes:
        if isinstance(write, Update) and "status" in write.set:
            return str(write.set["status"])
        if isinstance(write, Update) and write.add.get("claims"):
            return "claim" if write.add["claims"] == 1 else "release"
        if isinstance(write, Delete) and write.key.get("sk", "").startswith("in#"):
            return "commit"
    return "other"
