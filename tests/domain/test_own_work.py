"""What follows from an answer about work of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.own_work import ASK_PAUSE, MISSES, NOTHING, OwnWork, Watch, WorkVerdict
from tests.fakes.clock import NOON

COMMAND = OwnWork(commands=1)
IDLE = timedelta(minutes=15)
WATCH = Watch().hear(3, NOON)


@pytest.mark.parametrize(
    ("before", "work", "over", "verdict"),
    [
        (WATCH, COMMAND, False, WorkVerdict.WORKS),
        (WATCH, COMMAND, True, WorkVerdict.RESTS),
        (WATCH, NOTHING, False, WorkVerdict.RESTS),
        (replace(WATCH, works=True), NOTHING, False, WorkVerdict.ENDED),
        (WATCH, None, False, WorkVerdict.UNKNOWN),
        (replace(WATCH, misses=MISSES - 1), None, False, WorkVerdict.RESTS),
    ],
)
def test_what_it_answers_decides(before: Watch, work: OwnWork | None, over: bool, verdict: WorkVerdict) -> None:
    found, after = before.judge(work, NOON, over=over)
    assert found is verdict
    assert after.works == (work == COMMAND)


def test_an_answer_ends_the_questions_that_had_none() -> None:
    _, after = replace(WATCH, misses=2).judge(COMMAND, NOON, over=False)
    assert after.misses == 0


def test_it_is_asked_again_after_a_pause() -> None:
    _, asked = WATCH.judge(COMMAND, NOON, over=False)
    assert (WATCH.may_ask(NOON), asked.may_ask(NOON), asked.may_ask(NOON + ASK_PAUSE)) == (True, False, True)
    assert timedelta(minutes=1) / ASK_PAUSE <= 30


@pytest.mark.parametrize(
    ("hours", "idle", "after", "over"),
    [
        (8, IDLE, timedelta(hours=8), True),
        (8, IDLE, timedelta(hours=7, minutes=59), False),
        (1, timedelta(hours=2), timedelta(hours=1), False),
        (1, timedelta(hours=2), timedelta(hours=2), True),
    ],
)
def test_the_owner_or_a_longer_idle_time_bounds_it(hours: int, idle: timedelta, after: timedelta, over: bool) -> None:
    assert WATCH.is_over(NOON + after, hours, idle) == over


def test_only_a_new_number_is_a_person() -> None:
    later = NOON + timedelta(hours=1)
    assert WATCH.hear(3, later).heard_at == NOON
    assert WATCH.hear(4, later).heard_at == later
    assert not Watch().is_over(later, 1, IDLE)


def test_a_message_is_a_new_beginning_for_questions_without_an_answer() -> None:
    missed = replace(WATCH, misses=2)
    assert missed.hear(3, NOON).misses == 2
    assert missed.hear(4, NOON).misses == 0
