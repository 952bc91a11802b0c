"""The table of the exchange, every entry of it: no thread, no clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from math import inf

import pytest

from container.bridge.openclaw.exchange import TABLE, Exchange
from container.bridge.openclaw.phases import (
    INPUTS,
    Ask,
    Cancelled,
    Deadline,
    End,
    Input,
    Output,
    Phase,
    Question,
    Replied,
    Timeouts,
)
from container.bridge.openclaw.progress import SECONDS
from container.bridge.openclaw.protocol import Opened
from tests.bridge.openclaw.explore import Step, kind, walk
from tests.bridge.openclaw.script import EMPTY, SESSION

PAIRS = [(phase, kind_) for phase in Phase for kind_ in INPUTS]
CANCEL = Timeouts().cancel


@cache
def steps() -> Mapping[tuple[Phase, type[Input]], list[Step]]:
    found = defaultdict(list)
    for step in walk():
        found[step.before, kind(step)].append(step)
    return found


def is_send(output: Output) -> bool:
    return isinstance(output, Ask) and output.method == "chat.send"


@pytest.mark.parametrize(("phase", "notice"), PAIRS)
def test_every_input_in_every_phase_leads_where_the_table_says(phase: Phase, notice: type[Input]) -> None:
    taken = steps()[phase, notice]
    assert taken, "nothing led there"
    assert {step.after for step in taken} - {phase} == TABLE[phase][notice].leads - {phase}


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_but_the_last_has_a_deadline(phase: Phase) -> None:
    limits = {step.deadline < inf for pair in PAIRS for step in steps()[pair] if step.after is phase}
    assert limits == {phase is not Phase.OVER}
    assert phase in SECONDS


@pytest.mark.parametrize("phase", Phase)
def test_nothing_is_sent_once_it_was_cancelled(phase: Phase) -> None:
    for pair in PAIRS:
        for step in steps()[pair]:
            if step.before is phase and (step.cancelled or pair[1] is Cancelled):
                assert not any(map(is_send, step.outputs)), step


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.OVER])
def test_a_cancelled_turn_is_over_in_a_quarter_of_a_second_or_at_once(phase: Phase) -> None:
    cancelled = steps()[phase, Cancelled]
    assert all(step.after is Phase.OVER or step.deadline <= step.now + CANCEL for step in cancelled)


def test_the_deadline_of_a_cancelled_turn_is_its_end() -> None:
    ends = [step for pair in PAIRS for step in steps()[pair] if step.cancelled and pair[1] is Deadline]
    assert {step.after for step in ends} == {Phase.OVER}


def test_what_is_over_ignores_everything() -> None:
    assert not any(step.outputs for notice in INPUTS for step in steps()[Phase.OVER, notice])


def test_a_turn_has_one_outcome_and_it_is_the_last_thing_it_says() -> None:
    for pair in PAIRS:
        for step in steps()[pair]:
            finishes = [isinstance(output, End) for output in step.outputs]
            ended = step.after is Phase.OVER and step.before is not Phase.OVER
            assert (sum(finishes), finishes[-1:] == [True]) == (ended, ended), step


def test_an_answer_to_a_question_of_an_earlier_connection_is_no_answer() -> None:
    exchange = Exchange(Question(SESSION, "m", "hello"), Timeouts(), 0.0)
    (first,) = exchange.step(Opened("boot-1"), 0.0)
    assert isinstance(first, Ask)
    exchange.step(Deadline(), 30.0)
    exchange.step(Opened("boot-1"), 31.0)
    assert exchange.step(Replied(first, EMPTY), 32.0) == []
    assert exchange.phase is Phase.LOOKING
