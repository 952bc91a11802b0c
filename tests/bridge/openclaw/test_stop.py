"""Stop, pressed while OpenClaw's gateway is slow or says nothing at all: nothing is sent afterwards, and it is over."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from chalicelib.domain.turn import Finished, TurnEvent
from container.bridge.openclaw.phases import Cancelled, Phase
from container.bridge.openclaw.protocol import Notice
from tests.bridge.openclaw.explore import LEFT_OUT, RESUMED
from tests.bridge.openclaw.script import (
    STARTED,
    Late,
    Reply,
    Scene,
    answered,
    asked,
    end,
    history,
    refuse,
    say,
)

PRESSED, SOON, SLOW = 0.2, 0.3, 4.0
LEFT = {"pendingInputs": {"items": [{"runId": "r", "message": RESUMED}]}}  # a turn that was given up
EXPECTED = history(asked(), abortedLastRun=True, status="running", activeRunIds=[])


@dataclass
class Way:
    """How a turn comes into a phase, and stays there."""

    phase: Phase
    replies: dict[str, list[Reply]]
    fresh: bool = False
    here: bool = True
    told: tuple[Notice, ...] = ()
    text: str = ""
    reason: str = field(default="cancelled")


WAYS = (
    Way(Phase.DISCONNECTED, {}, here=False),
    Way(Phase.LOOKING, {"chat.history": [Late(SLOW)]}),
    Way(Phase.LOOKING, {"chat.history": [Late(SLOW, history(asked(), answered("Half") | {"openclawAbort": {}}))]}),
    Way(Phase.COMPLETING, {"chat.history": [history(asked(), LEFT_OUT)], "chat.message.get": [Late(SLOW)]}),
    Way(Phase.CLEARING, {"chat.history": [LEFT], "chat.abort": [Late(SLOW)]}),
    Way(Phase.SENDING, {"chat.send": [Late(SLOW, STARTED)]}, fresh=True),
    Way(Phase.RUNNING, {"chat.send": [STARTED], "chat.abort": [Late(SLOW)]}, True, told=(say("One"),), text="One"),
    Way(Phase.REFUSED, {"chat.send": [refuse("UNAVAILABLE", "later", 1.0), STARTED]}, fresh=True),
    Way(Phase.REFUSED, {"chat.history": [refuse("UNAVAILABLE", "later", 1.0)]}),
    Way(Phase.RESUMING, {"chat.history": [EXPECTED]}),
    Way(
        Phase.MERGED,
        {"chat.send": [STARTED], "chat.history": [history(asked(), activeRunIds=["x"])]},
        fresh=True,
        told=(end(None),),
    ),
    Way(
        Phase.COUNTING,
        {"chat.send": [STARTED], "chat.history": [Late(SLOW)]},
        True,
        told=(end("All of it"),),
        text="All of it",
        reason="stop",
    ),
)


def staged(way: Way) -> Scene:
    scene = Scene()
    scene.link.replies = {name: list(replies) for name, replies in way.replies.items()}
    scene.link.is_open = way.here
    return scene


def press(scene: Scene, way: Way) -> tuple[list[TurnEvent], list[str]]:
    """What the turn says, and what is asked once Stop was pressed, to the last answer that comes late."""
    before: list[str] = []

    def pressed() -> None:
        assert scene.driver.exchange.phase is way.phase
        before.extend(scene.link.requests)
        scene.driver.put(Cancelled())

    scene.time.at(PRESSED, pressed)
    events = scene.play(*way.told, fresh=way.fresh)
    assert scene.time.now <= PRESSED + SOON
    while scene.time.to_come:
        scene.time.wait(SLOW)
    return events, scene.link.requests[len(before) :]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.phase.value)
def test_stop_in_any_phase_of_a_slow_gateway(way: Way) -> None:
    scene = staged(way)
    events, asked_for = press(scene, way)
    assert isinstance(events[-1], Finished)
    assert (events[-1].text, events[-1].stop_reason) == (way.text, way.reason)
    assert "chat.send" not in asked_for
    assert way.phase is Phase.COUNTING or "chat.abort m" in asked_for


def test_where_the_names_of_runs_are_not_known_the_session_ends() -> None:
    """An earlier bridge may have sent it under a further name, and OpenClaw may have resumed it under another."""
    _, asked_for = press(Scene(chat_history=[Late(SLOW)]), WAYS[1])
    assert asked_for == ["chat.abort m", "chat.abort *"]


def test_a_message_that_nobody_ever_sent_ends_nothing_of_the_session() -> None:
    scene = Scene()
    scene.link.is_open = False
    scene.put(Cancelled())
    assert scene.play() == [Finished("", "cancelled", None)]
    assert scene.link.requests == []


def test_a_message_that_was_being_sent_is_stopped_again_when_its_run_has_begun() -> None:
    scene = Scene(chat_send=[Late(0.3, STARTED)])
    press(scene, WAYS[5])
    assert scene.link.requests == ["chat.send", "chat.abort m", "chat.abort m"]


def test_stop_costs_no_word_that_was_said_before_it() -> None:
    scene = Scene(chat_send=[STARTED])
    scene.put(say("One"))
    scene.time.at(PRESSED, lambda: scene.driver.put(Cancelled()))
    scene.time.at(PRESSED + 0.1, lambda: scene.driver.put(end("One two", aborted=True)))
    assert scene.play()[-1] == Finished("One two", "cancelled", None)
    assert scene.time.now == pytest.approx(PRESSED + 0.1)
