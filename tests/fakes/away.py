"""A store that fails where a test wants it to: before it reads, before it writes, or after it has written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chalicelib.domain.agent import State
from chalicelib.errors import ConditionFailed
from chalicelib.store import Item, Key, Put, Table, Update, Write
from tests.fakes.store import MemoryStore

Reads = Callable[[Table, str], bool]  # of a table, from a sort key on ("" where it has none)
Writes = Callable[[Sequence[Write]], bool]


class AwayStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.refuses_read: Reads = lambda table, start: False
        self.refuses_write: Writes = lambda writes: False
        self.loses: Writes = lambda writes: False  # the answer to the next such write
        self.repeats = False  # a lost answer is hidden by a second try that meets the first one's effect

    def get(self, table: Table, key: Key) -> Item | None:
        self._read(table, str(key.get("sk", "")))
        return super().get(table, key)

    def query(self, table: Table, user_id: str, *, start: str = "", **options: Any) -> Sequence[Item]:
        self._read(table, start)
        return super().query(table, user_id, start=start, **options)

    def write(self, *writes: Write) -> Item:
        if self.refuses_write(writes):
            raise RuntimeError("the tables do not answer")
        item = super().write(*writes)
        if self.loses(writes):
            self.loses = lambda writes: False
            raise ConditionFailed("met its own first try") if self.repeats else RuntimeError("the answer was lost")
        return item

    def _read(self, table: Table, start: str) -> None:
        if self.refuses_read(table, start):
            raise RuntimeError("the tables do not answer")


class Times:
    """How often something fails before it does not."""

    def __init__(self, number: int) -> None:
        self.left = number

    def take(self, matches: bool) -> bool:
        if matches and self.left:
            self.left -= 1
            return True
        return False


def reads_fail(number: int, wanted: Table, wanted_start: str = "") -> Reads:
    """The next ones of this table, from this sort key on."""
    times = Times(number)
    return lambda table, start: times.take(table is wanted and start.startswith(wanted_start))


def claims_fail(number: int) -> Writes:
    times = Times(number)
    return lambda writes: times.take(any(isinstance(each, Update) and each.add.get("claims") == 1 for each in writes))


def is_answer(writes: Sequence[Write]) -> bool:
    return any(isinstance(each, Put) and each.table is Table.CONVERSATIONS for each in writes)


def sets(status: State) -> Writes:
    return lambda writes: any(isinstance(each, Update) and each.set.get("status") == status.value for each in writes)
