from datetime import timedelta

import pytest

from chalicelib.domain.agent import Agent, State
from chalicelib.errors import Fenced
from chalicelib.store import Put, Table
from chalicelib.tables.rows import Rows
from container.bridge.life.idleness import Idleness
from container.bridge.life.own_work import OwnWorkWatch
from container.bridge.ports import Owner
from tests.fakes.bridge import FakeGateway
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.store import MemoryStore
from tests.tables.scenes import USER, accept, restarted, running

QUARTER = timedelta(minutes=15)


class Bed:
    """A running agent, a clock, and what decides about its sleep."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store, self.gateway, self.clock = store or MemoryStore(), FakeGateway(), FakeClock()
        self.agent = running(self.store, NOON)
        self.rows = Rows.over(self.store, self.clock.sleep)
        owner = Owner(USER, self.agent.epoch)
        self.shown: list[Agent] = []
        self.work = OwnWorkWatch(owner, self.rows, self.gateway, self.clock, self.shown.append)
        self.idleness = Idleness(owner, self.rows, self.gateway, self.clock, QUARTER, self.work)

    def busy_days(self, days: int) -> None:
        for back in range(1, days + 1):
            day = (NOON - timedelta(days=back)).date().isoformat()
            self.store.write(Put(Table.USAGE, {"userId": USER, "sk": f"day#{day}", "hour12": 4}))

    def after(self, **span: float) -> bool:
        self.clock.now = NOON + timedelta(**span)
        return self.idleness.falls_asleep()


def test_it_falls_asleep_when_the_idle_time_is_over() -> None:
    bed = Bed()
    assert not bed.after(minutes=14)
    assert bed.after(minutes=15)
    assert bed.rows.agents.get(USER).state is State.STOPPING


def test_a_message_keeps_it_up() -> None:
    bed = Bed()
    accept(bed.store, now=NOON)
    assert not bed.after(hours=1)


def test_an_hour_in_which_the_user_usually_writes_waits_twice_as_long() -> None:
    bed = Bed()
    bed.busy_days(5)
    assert not bed.after(minutes=29)
    assert bed.after(minutes=30)


def test_when_the_busy_hour_is_over_the_usual_time_holds_again() -> None:
    bed = Bed()
    bed.busy_days(5)
    assert not bed.after(minutes=29)
    bed.rows.agents.touch(USER, bed.agent.epoch, NOON + timedelta(minutes=50))
    assert not bed.after(minutes=59)
    assert bed.after(minutes=66)


def test_a_newer_epoch_ends_it_without_a_word() -> None:
    bed = Bed()
    restarted(bed.store)
    with pytest.raises(Fenced):
        bed.after(minutes=1)


def test_only_a_cron_time_to_come_is_worth_waking_for() -> None:
    bed = Bed()
    assert bed.idleness.next_wake() is None
    bed.gateway.cron = NOON - timedelta(minutes=1)
    assert bed.idleness.next_wake() is None
    bed.gateway.cron = NOON + timedelta(hours=3)
    assert bed.idleness.next_wake() == NOON + timedelta(hours=3)
