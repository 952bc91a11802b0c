"""The month's budget sets the kill switch, once, and whoever lifts it is not asked again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.services.budget import BudgetWatch
from chalicelib.store import Delete, Table
from chalicelib.tables.halts import DEPLOYMENT, halt_key
from chalicelib.wiring import Services
from tests.fakes.world import SETTINGS, USER, World


class FakeBudget:
    def __init__(self) -> None:
        self.spent, self.broken, self.asked = False, False, 0

    def is_spent(self) -> bool:
        self.asked += 1
        if self.broken:
            raise ConnectionError("AWS does not answer")
        return self.spent


@pytest.fixture
def budget(world: World) -> FakeBudget:
    world.clock.advance(days=5)  # into a month
    return FakeBudget()


@pytest.fixture
def watch(world: World, budget: FakeBudget) -> BudgetWatch:
    return BudgetWatch(budget, world.services.rows.halts, world.clock)


def lift(world: World) -> None:
    world.store.write(Delete(Table.SETTINGS, halt_key(DEPLOYMENT)))


def test_a_spent_budget_stops_everybody(awake: World, budget: FakeBudget, watch: BudgetWatch) -> None:
    watch.look()
    assert awake.services.rows.halts.of(USER) is None
    budget.spent = True
    awake.clock.advance(hours=1)
    watch.look()
    assert awake.services.rows.halts.of(USER) == "halted_all"
    awake.services.watchdog.run()
    assert awake.tasks.running == []


def test_who_lifted_the_switch_has_decided_for_the_month(world: World, budget: FakeBudget, watch: BudgetWatch) -> None:
    budget.spent = True
    watch.look()
    lift(world)
    world.clock.advance(hours=2)
    watch.look()
    assert world.services.rows.halts.of(USER) is None
    world.clock.advance(days=32)
    watch.look()
    assert world.services.rows.halts.of(USER) == "halted_all"


def test_on_the_first_day_of_a_month_the_money_is_still_the_last_ones(
    world: World, budget: FakeBudget, watch: BudgetWatch
) -> None:
    while world.clock().day != 1:
        world.clock.advance(hours=6)
    budget.spent = True
    watch.look()
    assert (budget.asked, world.services.rows.halts.of(USER)) == (0, None)


def test_two_processes_set_it_once(world: World, budget: FakeBudget, watch: BudgetWatch) -> None:
    other = BudgetWatch(budget, world.services.rows.halts, world.clock)
    budget.spent = True
    watch.look()
    lift(world)
    other.look()
    assert world.services.rows.halts.of(USER) is None


def test_it_is_asked_for_once_an_hour(world: World, budget: FakeBudget, watch: BudgetWatch) -> None:
    for _ in range(120):
        watch.look()
        world.clock.advance(minutes=1)
    assert budget.asked == 2


def test_a_budget_that_cannot_be_read_is_heard_of_and_stops_nobody(world: World, budget: FakeBudget) -> None:
    budget.broken = True
    services = Services(SETTINGS, replace(world.services.outside, budget=budget))
    world.send(1)
    world.clock.advance(minutes=10)
    with pytest.raises(ConnectionError):
        services.watchdog.run()
    assert world.services.rows.halts.of(USER) is None
    assert services.watchdog.run() is not None


def test_without_a_budget_nobody_asks(world: World) -> None:
    world.services.budget_watch.look()
    assert world.services.rows.halts.of(USER) is None
