"""Open pages are listed once a second while an answer streams, and anew when somebody may have come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from chalicelib.tables.connections import Connections
from container.bridge.turns.listing import PageListing
from tests.fakes.clock import FakeClock
from tests.fakes.identity import LIFE, identity
from tests.fakes.store import MemoryStore
from tests.tables.scenes import USER


class CountedConnections(Connections):
    """Counts how often it is read; `meanwhile` happens after the table was read."""

    reads: int
    meanwhile: Callable[[], None]

    def ends(self, user_id: str) -> Mapping[str, int]:
        object.__setattr__(self, "reads", self.reads + 1)
        found = super().ends(user_id)
        self.meanwhile()
        return found


class Scene:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.connections = CountedConnections(MemoryStore())
        object.__setattr__(self.connections, "reads", 0)
        self.meanwhile(lambda: None)
        self.listing = PageListing(self.connections, USER, self.clock)
        self.open("first")

    def meanwhile(self, work: Callable[[], None]) -> None:
        object.__setattr__(self.connections, "meanwhile", work)

    def open(self, page: str, life: timedelta = LIFE) -> None:
        self.connections.open(page, identity(USER, self.clock(), life), "http://localhost", self.clock())


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_list_is_good_for_a_second(scene: Scene) -> None:
    for _ in range(5):
        assert scene.listing.get() == {"first"}
        scene.clock.advance(seconds=0.2)
    assert scene.connections.reads == 1
    scene.clock.advance(seconds=0.1)
    scene.open("second")
    assert scene.listing.get() == {"first", "second"}


def test_who_may_have_come_is_looked_for_at_once(scene: Scene) -> None:
    scene.listing.get()
    scene.open("second")
    scene.listing.expire()
    assert scene.listing.get() == {"first", "second"}


def test_a_list_that_was_read_before_somebody_came_is_not_kept(scene: Scene) -> None:
    def come() -> None:
        scene.meanwhile(lambda: None)
        scene.open("second")
        scene.listing.expire()

    scene.meanwhile(come)
    assert scene.listing.get() == {"first"}
    assert scene.listing.get() == {"first", "second"}


def test_a_table_that_is_away_leaves_the_old_list(scene: Scene) -> None:
    def away() -> None:
        raise RuntimeError("no answer")

    scene.listing.get()
    scene.clock.now += timedelta(seconds=2)
    scene.meanwhile(away)
    assert scene.listing.get() == {"first"}
    with pytest.raises(RuntimeError):
        scene.listing.read()


def test_a_page_that_was_cut_off_is_not_listed_until_it_is_back(scene: Scene) -> None:
    scene.listing.get()
    scene.listing.drop("first")
    assert scene.listing.get() == frozenset()
    scene.listing.expire()
    assert scene.listing.get() == {"first"}


def test_a_page_whose_identity_ends_is_listed_no_more_also_where_the_table_is_away(scene: Scene) -> None:
    def away() -> None:
        raise RuntimeError("no answer")

    scene.open("brief", timedelta(seconds=20))
    assert scene.listing.read() == {"first", "brief"}
    assert not scene.listing.has_ended("brief")
    scene.meanwhile(away)
    scene.clock.advance(seconds=21)
    assert scene.listing.get() == {"first"}
    assert scene.listing.has_ended("brief")
    assert not scene.listing.has_ended("first") and not scene.listing.has_ended("never seen")
