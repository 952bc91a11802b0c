from __future__ import annotations

import signal
import threading
import uuid

import pytest

from chalicelib.domain.failures import HUNG
from chalicelib.domain.turn import Finished, Tool
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.openclaw.phases import Timeouts
from tests.e2e.gateway.harness import Listener, OpenClaw, wait_for


def new() -> str:
    return str(uuid.uuid4())


def test_turns_survive_the_death_of_openclaw_and_none_runs_more_often_than_it_must(
    gateway: OpenClawGateway, openclaw: OpenClaw
) -> None:
    texts = [f"{new()} [[n=40]] [[delay=0.1]]" for _ in range(2)]
    ids = [(new(), new()) for _ in texts]
    turns = [Listener(gateway, *names, text) for names, text in zip(ids, texts, strict=True)]
    for turn in turns:
        turn.wait_for_text(20)
    starts = openclaw.report()["starts"]
    openclaw.kill()
    for turn in turns:
        assert isinstance(turn.outcome, Finished), turn.outcome
        assert turn.outcome.text == turn.text
    assert openclaw.report()["starts"] == starts + 1
    assert [openclaw.count_calls(text[:36]) <= 2 for text in texts] == [True, True]
    check_that_nothing_runs_again(openclaw, ids, texts, turns)


def test_a_turn_with_tools_that_openclaw_dies_in_is_the_same_text_live_and_afterwards(
    gateway: OpenClawGateway, openclaw: OpenClaw
) -> None:
    text = f'{new()} [[n=30]] [[delay=0.1]] [[pre=One more step.]] [[loop=2]] [[tool=exec {{"command":"sleep 1"}}]]'
    names = new(), new()
    turn = Listener(gateway, *names, text)
    wait_for(lambda: len([each for each in turn.events if isinstance(each, Tool)]) >= 3)
    openclaw.kill()
    outcome = turn.outcome
    assert isinstance(outcome, Finished), outcome
    assert outcome.stop_reason == "stop"
    assert outcome.text == turn.text
    assert outcome.text.startswith("One more step.\n\n")
    assert outcome.text.count("w29.") == 1
    check_that_nothing_runs_again(openclaw, [names], [text], [turn])


def check_that_nothing_runs_again(
    openclaw: OpenClaw, ids: list[tuple[str, str]], texts: list[str], turns: list[Listener]
) -> None:
    asked = len(openclaw.model.asked)
    successor = openclaw.gateway()
    for names, text, turn in zip(ids, texts, turns, strict=True):
        assert Listener(successor, *names, text).outcome == turn.outcome
    successor.close()
    assert len(openclaw.model.asked) == asked


def test_a_message_that_died_with_openclaw_before_its_first_word_is_answered(
    gateway: OpenClawGateway, openclaw: OpenClaw
) -> None:
    text = f"{new()} [[n=3]]"
    turn = Listener(gateway, new(), new(), text)
    openclaw.kill()
    assert isinstance(turn.outcome, Finished), turn.outcome
    assert turn.outcome.text == turn.text != ""
    assert openclaw.count_calls(text[:36]) <= 2


@pytest.mark.soak
def test_an_ordered_restart_finishes_the_turn_too(gateway: OpenClawGateway, openclaw: OpenClaw) -> None:
    turn = Listener(gateway, new(), new(), "Long [[n=60]] [[delay=0.1]]")
    turn.wait_for_text(20)
    starts = openclaw.report()["starts"]
    openclaw.restart()
    assert isinstance(turn.outcome, Finished), turn.outcome
    assert turn.outcome.text == turn.text
    assert openclaw.report()["starts"] == starts + 1


def test_an_openclaw_that_hangs_is_given_up_and_its_restart_asked_for(
    gateway: OpenClawGateway, openclaw: OpenClaw
) -> None:
    first = Listener(gateway, new(), new(), "Hello [[n=2]]")  # after a start it takes 20 s on a busy machine
    assert isinstance(first.outcome, Finished)
    hung = threading.Event()
    gateway = openclaw.gateway(Timeouts(quiet=1.0, alive=5.0), hung.set)
    turn = Listener(gateway, new(), new(), "Long [[n=100]] [[delay=0.1]]")
    turn.wait_for_text(20)
    openclaw.signal(signal.SIGSTOP)
    assert isinstance(turn.outcome, Finished)
    assert (turn.outcome.text, turn.outcome.stop_reason, turn.outcome.failure) == (turn.text, "broken", HUNG)
    assert hung.is_set()
    gateway.close()
    starts = openclaw.report()["starts"]
    openclaw.restart()
    wait_for(lambda: openclaw.report()["starts"] > starts and openclaw.report()["state"] == "running")
