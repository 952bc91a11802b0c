"""What the owner has chosen is there when the turn needs it, also when the first look for it fails."""

from __future__ import annotations

from chalicelib.store import Item, Key, Table
from chalicelib.tables.settings import SettingsRows
from container.bridge.turns.prefetch import PrefetchedSettings
from tests.fakes.concurrency import QuickTime
from tests.fakes.store import MemoryStore
from tests.fakes.world import USER


class Away(MemoryStore):
    """Fails so many times."""

    failures = 0

    def get(self, table: Table, key: Key) -> Item | None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("away")
        return super().get(table, key)


def chosen(failures: int) -> str | None:
    store = Away()
    rows = SettingsRows(store)
    rows.change(USER, model="demo/demo-2")
    store.failures = failures
    prefetched = PrefetchedSettings(rows, USER, QuickTime())
    prefetched.start()
    return prefetched.get().model


def test_the_choice_is_there() -> None:
    assert chosen(failures=0) == "demo/demo-2"


def test_a_store_that_is_away_for_a_moment_is_asked_again() -> None:
    assert chosen(failures=3) == "demo/demo-2"
