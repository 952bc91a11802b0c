"""What the owner has chosen is there when the turn needs it, also when the first look for it fails."""

from __future__ import annotations

from chalicelib.store import Table
from chalicelib.tables.settings import SettingsRows
from container.bridge.turns.prefetch import PrefetchedSettings
from tests.fakes.away import AwayStore, reads_fail
from tests.fakes.concurrency import QuickTime
from tests.fakes.world import USER


def chosen(failures: int) -> str | None:
    store = AwayStore()
    rows = SettingsRows(store)
    rows.change(USER, model="demo/demo-2")
    store.refuses_read = reads_fail(failures, Table.SETTINGS)
    prefetched = PrefetchedSettings(rows, USER, QuickTime())
    prefetched.start()
    return prefetched.get().model


def test_the_choice_is_there() -> None:
    assert chosen(failures=0) == "demo/demo-2"


def test_a_store_that_is_away_for_a_moment_is_asked_again() -> None:
    assert chosen(failures=3) == "demo/demo-2"
