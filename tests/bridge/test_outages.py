"""A bridge whose tables are away for moments, or whose answers from them are lost."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event
from typing import Any

import pytest

from chalicelib.domain.agent import State
from chalicelib.store import Table, Write
from container.bridge import retry
from container.bridge.backup import saver
from container.bridge.life import lifecycle
from container.bridge.turns import scheduler
from tests.fakes.away import AwayStore, Times, is_answer, reads_fail, sets
from tests.fakes.bridge import Desk, eventually
from tests.fakes.concurrency import SPEED, QuickTime
from tests.fakes.life import LONG, SHORT, Life
from tests.fakes.values import TALK
from tests.tables.scenes import USER, accept


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
    store.refuses_read = reads_fail(3, Table.TASK_STATE)

    bridge.desk.gateway.go.set()

    bridge.ends()
    entries = bridge.desk.rows.conversations.entries(USER, TALK)
    assert [entry.text for entry in entries] == ["slow one", "slow one!"]


def test_a_start_outlives_tables_that_are_away_for_forty_seconds() -> None:
    """Found by the simulation (seed 794): it gave the machine up after fifteen, and the message waited for another."""
    store, times = AwayStore(), Times(8)
    bridge = life(store, speed=1000)
    store.refuses_write = lambda writes: times.take(sets(State.RUNNING)(writes))
    accept(store, "m1", "Hello")

    bridge.start()
    eventually(lambda: not bridge.desk.rows.inbox.pending(USER), "the answer")

    bridge.ends()
    assert times.left == 0
    assert [entry.text for entry in bridge.desk.rows.conversations.entries(USER, TALK)] == ["Hello", "Hello!"]


def test_who_hears_sigterm_while_the_tables_are_away_takes_nothing_when_they_are_back() -> None:
    """Found by the simulation (seed 1168)."""
    store, times = AwayStore(), Times(2)
    bridge = life(store, speed=100)
    accept(store, "m1", "Hello")

    def refuses(writes: Sequence[Write]) -> bool:
        if refused := times.take(sets(State.RUNNING)(writes)):
            bridge.lifecycle.request_stop("SIGTERM")
        return refused

    store.refuses_write = refuses
    bridge.start().ends()

    assert bridge.state() is State.IDLE
    assert not bridge.desk.turns._started
    assert bridge.desk.gateway.asked == []
    assert [each.id for each in bridge.desk.rows.inbox.pending(USER)] == ["m1"]


def test_a_moment_in_which_nobody_says_who_mirrors_ends_no_bridge() -> None:
    store, times = AwayStore(), Times(1)
    store.refuses_read = lambda table, start: times.take(start == "link#")
    desk = Desk(store)
    desk.rows.settings.change(USER, mirror=True)
    accept(store, "m1", "Hello")

    desk.settle()

    assert times.left == 0
    assert desk.events == []
    assert [entry.text for entry in desk.rows.conversations.entries(USER, TALK)] == ["Hello", "Hello!"]


def test_a_bridge_that_cannot_commit_for_minutes_leaves_in_good_order_and_the_next_one_does() -> None:
    """Found by the simulation (seed 5004): it left as if it had been replaced, without a last backup."""
    store = AwayStore()
    store.refuses_write = is_answer
    bridge = life(store, speed=1000)
    accept(store, "m1", "Hello")

    bridge.start().ends()

    assert bridge.lifecycle.reason == "an answer could not be committed"
    assert bridge.objects.keys("manifest"), "the last backup was made"
    assert [each.id for each in bridge.desk.rows.inbox.pending(USER)] == ["m1"]


def test_all_parts_of_a_leave_fit_between_sigterm_and_sigkill() -> None:
    end = 120
    turn = end * lifecycle.TURN_SHARE + scheduler.ABORT_TIMEOUT + scheduler.CHANNEL_TIMEOUT
    openclaw = lifecycle.ASK_TIMEOUT + lifecycle.CLOSE_TIMEOUT + lifecycle.HALT_TIMEOUT
    backup = end * lifecycle.BACKUP_SHARE + saver.RETRY.total_seconds()
    assert 2 * lifecycle.ROW_TIMEOUT + lifecycle.SHOW_TIMEOUT + turn + openclaw + backup < end
    assert turn >= 45
    assert sum(retry.LAST_PAUSES) < lifecycle.ROW_TIMEOUT


@pytest.mark.parametrize("part", ["the row", "the pages", "OpenClaw's plans", "its connection"])
def test_what_never_answers_does_not_keep_a_leave_from_its_backup(part: str) -> None:
    """Each call of the tables alone could take 12 s, and four times that with its repetitions."""
    store, never = AwayStore(), Event()
    bridge = Life(Desk(store, time=QuickTime(50)), idle=LONG)

    def hang(*_: object) -> Any:
        never.wait()

    def block() -> None:
        gateway = bridge.desk.gateway
        match part:
            case "the row":
                store.refuses_write = hang
            case "the pages":
                vars(bridge.desk.push)["send"] = hang
            case "OpenClaw's plans":
                vars(gateway)["next_wake"] = hang
            case _:
                vars(gateway)["close"] = hang

    bridge.start()
    eventually(lambda: "ready" in bridge.statuses(), "the end of the start")
    block()
    bridge.lifecycle.request_stop("SIGTERM")
    bridge.ends()
    never.set()

    assert bridge.objects.keys("manifest"), "the last backup was made"
    assert bridge.control.orders[-1] == "halt"


def test_a_start_that_fails_for_too_long_ends_with_a_backup_all_the_same() -> None:
    store = AwayStore()
    bridge = life(store, speed=200)
    store.refuses_write = sets(State.RUNNING)
    bridge.start().ends()
    assert bridge.state() is State.IDLE
    assert bridge.objects.keys("manifest")
