"""A bridge whose tables are away for moments, or whose answers from them are lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chalicelib.domain.agent import State
from chalicelib.errors import ConditionFailed
from chalicelib.store import Item, Key, Put, Table, Update, Write
from container.bridge import retry
from tests.fakes.bridge import Desk, eventually
from tests.fakes.concurrency import SPEED, QuickTime
from tests.fakes.life import SHORT, Life
from tests.fakes.store import MemoryStore
from tests.fakes.values import TALK
from tests.tables.scenes import USER, accept


class AwayStore(MemoryStore):
    """Does not answer some reads; loses the answer of the first write of each kind that is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.away = 0  # reads of the agent's row to come that fail
        self.loses: Callable[[Sequence[Write]], bool] = lambda writes: False
        self.repeats = False  # a lost answer is hidden by a second try that meets the first one's effect

    def get(self, table: Table, key: Key) -> Item | None:
        if table is Table.TASK_STATE and self.away > 0:
            self.away -= 1
            raise RuntimeError("the tables do not answer")
        return super().get(table, key)

    def write(self, *writes: Write) -> Item:
        item = super().write(*writes)
        if self.loses(writes):
            self.loses = lambda writes: False
            raise ConditionFailed("met its own first try") if self.repeats else RuntimeError("the answer was lost")
        return item


def sets(status: State) -> Callable[[Sequence[Write]], bool]:
    return lambda writes: any(isinstance(each, Update) and each.set.get("status") == status.value for each in writes)


def life(store: AwayStore, speed: float = SPEED) -> Life:
    return Life(Desk(store, time=QuickTime(speed)), idle=SHORT)


@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("step", [State.RUNNING, State.STOPPING, State.IDLE])
def test_a_step_whose_answer_was_lost_is_made_all_the_same(step: State, repeats: bool) -> None:
    store = AwayStore()
    bridge = life(store)
    store.loses, store.repeats = sets(step), repeats

    bridge.start().ends()

    agent = bridge.desk.rows.agents.get(USER)
    assert (agent.state, agent.epoch) == (State.IDLE, bridge.epoch)
    assert bridge.objects.keys("manifest"), "the last backup was made"


def test_tables_that_are_away_for_a_moment_end_nothing() -> None:
    store = AwayStore()
    bridge = life(store)
    accept(store, "m1", "slow one")
    bridge.start()
    eventually(lambda: bridge.desk.turns.busy, "the turn")
    store.away = 3

    bridge.desk.gateway.go.set()

    bridge.ends()
    entries = bridge.desk.rows.conversations.entries(USER, TALK)
    assert [entry.text for entry in entries] == ["slow one", "slow one!"]


class Blinking(MemoryStore):
    """Does not answer the first question for the linked chats."""

    asked = 0

    def query(self, table: Table, user_id: str, *, start: str = "", **options: Any) -> Sequence[Item]:
        if start == "link#":
            self.asked += 1
            if self.asked == 1:
                raise RuntimeError("the tables do not answer")
        return super().query(table, user_id, start=start, **options)


def test_a_moment_in_which_nobody_says_who_mirrors_ends_no_bridge() -> None:
    store = Blinking()
    desk = Desk(store)
    desk.rows.settings.change(USER, mirror=True)
    accept(store, "m1", "Hello")

    desk.settle()

    assert store.asked == 2
    assert desk.events == []
    assert [entry.text for entry in desk.rows.conversations.entries(USER, TALK)] == ["Hello", "Hello!"]


class Stuck(AwayStore):
    """Takes no answers."""

    def write(self, *writes: Write) -> Item:
        if any(isinstance(each, Put) and each.table is Table.CONVERSATIONS for each in writes):
            raise RuntimeError("the tables do not answer")
        return super().write(*writes)


def test_a_bridge_that_cannot_commit_for_minutes_leaves_in_good_order_and_the_next_one_does() -> None:
    """Found by the simulation (seed 5004): it left as if it had been replaced, without a last backup."""
    bridge = life(Stuck(), speed=1000)
    accept(bridge.desk.store, "m1", "Hello")

    bridge.start().ends()

    assert bridge.lifecycle.reason == "an answer could not be committed"
    assert bridge.objects.keys("manifest"), "the last backup was made"
    assert [each.id for each in bridge.desk.rows.inbox.pending(USER)] == ["m1"]


def test_pauses_fit_the_time_before_sigkill() -> None:
    """Three steps at the end, besides the turn's share and the backup's."""
    assert 3 * sum(retry.LAST_PAUSES) < 15


def test_a_start_that_fails_for_too_long_ends_with_a_backup_all_the_same() -> None:
    store = AwayStore()
    bridge = life(store)
    ready = sets(State.RUNNING)

    def never(writes: Sequence[Write]) -> bool:
        if ready(writes):
            raise RuntimeError("the tables do not answer")
        return False

    store.loses = never
    bridge.start().ends()
    assert bridge.state() is State.IDLE
    assert bridge.objects.keys("manifest")
