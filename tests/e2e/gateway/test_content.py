"""What a turn ends with at the real OpenClaw: all its words, its tools, its files, and why it ended."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence

import pytest

from chalicelib.domain.turn import Delta, Failed, Finished, Tool, Waiting
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.openclaw.phases import Timeouts, TurnLimits
from container.bridge.ports import FileTooLarge
from tests.e2e.gateway.harness import Listener, OpenClaw, render

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes.fromhex(
    "0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63f8cfc0f01f00050001ff5d0fb29d"
    "0000000049454e44ae426082"
)


def new() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def hurried(openclaw: OpenClaw) -> Iterator[OpenClawGateway]:
    """A bridge that asks after one second whether OpenClaw is alive, and lets a turn use five tools."""
    hangs: list[None] = []
    timeouts = Timeouts(quiet=1.0, alive=10.0, limits=TurnLimits(calls=5))
    gateway = openclaw.gateway(timeouts, lambda: hangs.append(None))
    yield gateway
    gateway.close()
    assert hangs == []


def told(openclaw: OpenClaw, gateway: OpenClawGateway, text: str) -> Finished:
    """The end of a turn, which must be the same for the bridge that ran it and for one that finds it afterwards."""
    session, message = new(), new()
    events = list(gateway.run(session, message, text))
    live = events[-1]
    assert isinstance(live, Finished), live
    assert render(events) == live.text
    successor, asked = openclaw.gateway(), len(openclaw.model.asked)
    found = list(successor.run(session, message, text))
    successor.close()
    assert render(found) == live.text
    assert found[-1] == live
    assert len(openclaw.model.asked) == asked, "the model was asked again"
    assert calls(found) == calls(events)
    return live


def calls(events: Sequence[object]) -> list[tuple[str, str, str | None]]:
    return sorted((each.call, each.phase, each.detail) for each in events if isinstance(each, Tool))


def test_all_that_is_said_between_tools_is_kept_in_order(openclaw: OpenClaw, gateway: OpenClawGateway) -> None:
    outcome = told(openclaw, gateway, "[[n=4]] [[pre=One more step.]] [[loop=2]]")
    assert outcome.text == "One more step.\n\nOne more step.\n\nw0 w1 w2 w3."
    assert outcome.stop_reason == "stop"
    assert outcome.usage is not None
    assert outcome.usage.output_tokens >= 4 + 2 * 3


def test_words_and_tools_are_told_in_the_order_in_which_they_come(gateway: OpenClawGateway) -> None:
    shown = [each for each in gateway.run(new(), new(), "[[n=2]] [[pre=Step.]] [[loop=2]]") if told_live(each)]
    kinds = [type(each).__name__ for each in shown]
    assert kinds == ["Delta", "Tool", "Tool", "Delta", "Tool", "Tool", *["Delta"] * (len(kinds) - 6)]


def told_live(event: object) -> bool:
    return isinstance(event, Tool) or (isinstance(event, Delta) and bool(event.text))


def test_an_answer_that_was_cut_off_at_the_models_limit_says_so(openclaw: OpenClaw, gateway: OpenClawGateway) -> None:
    outcome = told(openclaw, gateway, "[[n=5]] [[stop=max_tokens]]")
    assert (outcome.text, outcome.stop_reason) == ("w0 w1 w2 w3 w4.", "length")


def test_a_model_that_declines_has_not_broken_down(openclaw: OpenClaw, gateway: OpenClawGateway) -> None:
    assert told(openclaw, gateway, "[[n=3]] [[refuse]]").stop_reason == "declined"


def test_an_answer_that_breaks_off_keeps_its_words(openclaw: OpenClaw, gateway: OpenClawGateway) -> None:
    outcome = told(openclaw, gateway, "[[n=10]] [[break]]")
    assert (outcome.text, outcome.stop_reason) == ("w0 w1 w2 w3 w4", "broken")
    assert outcome.failure
    assert outcome.failure.key == "model_error.other"  # OpenClaw keeps the provider's reason to itself


def test_a_loop_of_different_tools_is_ended_at_the_bound(openclaw: OpenClaw, hurried: OpenClawGateway) -> None:
    session, text = new(), f"{new()} [[loop]] [[pre=Again.]]"
    outcome = list(hurried.run(session, new(), text))[-1]
    assert isinstance(outcome, Finished)
    assert outcome.stop_reason == "broken"
    assert outcome.text.startswith("Again.\n\nAgain.")
    assert outcome.failure
    assert (outcome.failure.key, outcome.failure.params) == ("interrupted.too_many_steps", {"count": "5"})
    asked = openclaw.count_calls(text[:36])
    time.sleep(1.0)
    assert openclaw.count_calls(text[:36]) <= min(asked, 9)
    assert isinstance(list(hurried.run(session, new(), "Hello [[n=2]]"))[-1], Finished)


def test_a_loop_of_the_same_tool_is_ended_by_openclaw(openclaw: OpenClaw, gateway: OpenClawGateway) -> None:
    outcome = list(gateway.run(new(), new(), '[[loop]] [[tool=exec {"command":"echo same"}]]'))[-1]
    failure = outcome.failure if isinstance(outcome, Finished) else outcome
    assert isinstance(failure, Failed)
    assert failure.key == "interrupted.looping"


def test_a_model_that_is_silent_for_long_is_waited_for_and_others_go_on(hurried: OpenClawGateway) -> None:
    thinking = Listener(hurried, new(), new(), "[[n=3]] [[ttft=12]]")
    other = Listener(hurried, new(), new(), "[[n=40]] [[delay=0.1]]")
    assert isinstance(other.outcome, Finished)
    assert thinking.text == ""
    assert isinstance(thinking.outcome, Finished)
    assert thinking.outcome.text == "w0 w1 w2."
    assert len([each for each in thinking.events if isinstance(each, Waiting)]) >= 5


def test_a_file_that_is_handed_over_arrives(openclaw: OpenClaw, gateway: OpenClawGateway) -> None:
    (openclaw.state / "workspace" / "out.png").write_bytes(PICTURE)
    session, message, text = new(), new(), "[[n=2]] [[media=./out.png]]"
    outcome = list(gateway.run(session, message, text))[-1]
    assert isinstance(outcome, Finished)
    assert outcome.text == "w0 w1."
    (handed,) = outcome.handed
    assert (handed.mime_type, handed.problem) == ("image/png", None)
    assert gateway.fetch(session, handed.artifact or "", 1000) == PICTURE
    with pytest.raises(FileTooLarge):
        gateway.fetch(session, handed.artifact or "", len(PICTURE) - 1)
    assert list(gateway.run(session, message, text))[-1] == outcome


@pytest.mark.parametrize("path", ["./nothing.png", "/etc/passwd"])
def test_a_file_that_cannot_be_handed_over_is_told(path: str, gateway: OpenClawGateway) -> None:
    outcome = list(gateway.run(new(), new(), f"[[n=2]] [[media={path}]]"))[-1]
    assert isinstance(outcome, Finished)
    assert outcome.text == "w0 w1."
    assert [each.problem for each in outcome.handed] in (["missing"], ["refused"])


def test_a_message_that_openclaw_itself_refuses_is_not_the_providers_fault(gateway: OpenClawGateway) -> None:
    outcome = list(gateway.run(new(), new(), "a\0b"))[-1]
    assert isinstance(outcome, Failed)
    assert outcome.key == "invalid_message.refused"
