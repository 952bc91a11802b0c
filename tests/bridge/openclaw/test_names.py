"""A message whose run came to nothing in OpenClaw is sent once more, under a name that OpenClaw has not used up."""

from chalicelib.domain.turn import Failed, Finished
from container.bridge.openclaw.phases import Timeouts
from tests.bridge.openclaw.script import EMPTY, STARTED, Scene, answered, asked, end, fail, history, pending, say


def test_a_message_lost_in_another_run_is_sent_under_a_new_id() -> None:
    there = history(asked("m~2"), answered("There"))
    scene = Scene(timeouts=Timeouts(merged=0.4), chat_history=[EMPTY, EMPTY, EMPTY, there])
    scene.link.replies["chat.send"] = [STARTED, scene.then(end("There", "m~2"))]
    assert scene.play(end(None))[-1] == Finished("There", "stop", None)
    assert scene.link.sent == ["m", "m~2"]


def test_a_message_that_openclaw_lost_before_its_run_began_is_sent_under_a_new_id() -> None:
    gone = {"pendingInputs": {"items": [pending("m")]}}
    scene = Scene(chat_history=[gone, EMPTY], chat_send=[STARTED])
    outcome = scene.play(say("There", "m~2"), end("There", "m~2"), fresh=False)[-1]
    assert outcome == Finished("There", "stop", None)
    assert scene.link.sent == ["m~2"]


def test_a_message_that_trips_over_its_own_traces_gets_a_run_without_them() -> None:
    """Cut off at SIGTERM, then killed: "Session transcript keyed user is outside the current turn"."""
    partial = answered("Hal") | {"openclawAbort": {"reason": "stop"}}
    scene = Scene(chat_history=[history(asked(), partial), EMPTY])
    trip = scene.then(fail("Agent run failed (model: demo/demo-1)"))
    scene.link.replies["chat.send"] = [trip, scene.then(end("All of it", "m~2"))]
    assert scene.play(fresh=False)[-1] == Finished("All of it", "stop", None)
    assert scene.link.sent == ["m", "m~2"]


def test_a_run_that_fails_strangely_again_and_again_is_a_failure() -> None:
    scene = Scene(chat_history=[history(asked(), answered("Hal") | {"openclawAbort": {"reason": "stop"}})])
    names = ("m", "m~2", "m~3")
    scene.link.replies["chat.send"] = [scene.then(fail("Agent run failed", name)) for name in names]
    assert isinstance(scene.play(fresh=False)[-1], Failed)
    assert scene.link.sent == list(names)


def test_a_message_without_a_past_that_fails_strangely_is_not_tried_again() -> None:
    scene = Scene(chat_send=[STARTED])
    assert isinstance(scene.play(fail("Agent run failed"))[-1], Failed)
    assert scene.link.sent == ["m"]
