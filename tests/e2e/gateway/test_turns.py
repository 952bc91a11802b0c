from __future__ import annotations

import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chalicelib.domain.turn import Choice, Failed, Finished, Tool, TurnEvent
from container.bridge.backup.policy import is_state
from container.bridge.openclaw.driver import GatewayLink
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.openclaw.protocol import Json, OnAnswer, Refusal, Response, session_key
from container.bridge.openclaw.warmth import keep_warm
from container.image.prebake import settle
from tests.e2e.gateway.harness import Listener, OpenClaw, find_port, render, wait_for


def new() -> str:
    return str(uuid.uuid4())


def finished(events: Iterable[TurnEvent]) -> Finished:
    """The end of a turn, whose words must be exactly those that were streamed."""
    listed = list(events)
    outcome = listed[-1]
    assert isinstance(outcome, Finished), outcome
    assert render(listed) == outcome.text
    return outcome


def failed(events: Iterable[TurnEvent]) -> Failed:
    """Why a turn failed, whether it had said something before or not."""
    outcome = list(events)[-1]
    failure = outcome.failure if isinstance(outcome, Finished) else outcome
    assert isinstance(failure, Failed), outcome
    return failure


def saved_files(state: Path) -> dict[str, bytes]:
    """What a backup would look at, as it lies on the disk; a database's index of its log is no content."""
    files = (path for path in state.rglob("*") if path.is_file() and not path.name.endswith("-shm"))
    named = {str(path.relative_to(state)): path for path in files}
    return {name: path.read_bytes() for name, path in named.items() if is_state(name) and not name.startswith("logs/")}


def known(link: GatewayLink, key: str) -> tuple[Json, list[Json]]:
    """What OpenClaw tells of a session and of all, without the time at which it was asked."""
    rows = link.request("sessions.list", {})["sessions"]
    history = link.request("chat.history", {"sessionKey": key})["messages"]
    return history, [{name: value for name, value in row.items() if name != "snapshotAt"} for row in rows]


def test_the_warm_up_asks_no_model_and_leaves_no_session(gateway: OpenClawGateway, openclaw: OpenClaw) -> None:
    asked = openclaw.count_calls("/status")
    gateway.warm_up()
    assert openclaw.count_calls("/status") == asked
    listed = gateway._link.request("sessions.list", {})
    assert [session for session in listed["sessions"] if "warm-up" in session["key"]] == []


def test_keeping_openclaw_warm_asks_no_model_and_changes_nothing(gateway: OpenClawGateway, openclaw: OpenClaw) -> None:
    talk = new()
    finished(gateway.run(talk, new(), "Hello"))
    link, key = gateway._link, session_key(talk)
    settle(openclaw.state)
    before = known(link, key)
    asked, kept = openclaw.count_calls(""), saved_files(openclaw.state)
    refusals: list[Refusal | None] = []

    def post(method: str, params: Json, on_answer: OnAnswer) -> None:
        def hear(response: Response | None) -> None:
            on_answer(response)
            refusals.append(response.error if response else Refusal("CLOSED", method, None))

        link.post(method, params, hear)

    keep_warm(post)
    wait_for(lambda: len(refusals) == 4)
    assert refusals == [None] * 4
    assert openclaw.count_calls("") == asked
    assert saved_files(openclaw.state) == kept, "a silence must not become a backup a minute"
    assert known(link, key) == before


def test_an_answer_arrives_word_by_word_with_its_usage(gateway: OpenClawGateway) -> None:
    outcome = finished(gateway.run(new(), new(), "Hello [[n=20]] [[delay=0.02]]"))
    assert outcome.usage is not None
    assert outcome.usage.output_tokens > 0


def test_a_turn_that_is_run_again_gives_the_same_answer_from_the_transcript(
    gateway: OpenClawGateway, openclaw: OpenClaw
) -> None:
    session, message, text = new(), new(), f"{new()} [[n=5]]"
    first = finished(gateway.run(session, message, text))
    assert finished(gateway.run(session, message, text)) == first
    assert openclaw.count_calls(text[:36]) == 1


def test_an_answer_of_any_length_is_found_whole_in_the_transcript(gateway: OpenClawGateway) -> None:
    session, message, text = new(), new(), "Long [[n=25000]] [[delay=0]]"
    first = finished(gateway.run(session, message, text))
    assert len(first.text) > 140_000
    assert finished(gateway.run(session, message, text)).text == first.text


def test_a_conversation_is_remembered(gateway: OpenClawGateway, openclaw: OpenClaw) -> None:
    session = new()
    for _ in range(3):
        finished(gateway.run(session, new(), "Next [[n=2]]"))
    assert openclaw.model.log()[-1]["turns"] == 3


def test_a_tool_is_seen_at_work(gateway: OpenClawGateway) -> None:
    text = 'Do it [[n=3]] [[tool=exec {"command":"echo over there"}]]'
    events = list(gateway.run(new(), new(), text))
    finished(events)
    start, end = (event for event in events if isinstance(event, Tool))
    assert (start.name, start.phase, start.summary) == ("exec", "start", "echo over there")
    assert (end.phase, end.detail) == ("end", "over there")


@pytest.mark.parametrize("text", ["/status", "/stop", "stop"])
def test_what_looks_like_a_command_is_a_message(text: str, gateway: OpenClawGateway, openclaw: OpenClaw) -> None:
    before = len(openclaw.model.asked)
    finished(gateway.run(new(), new(), text))
    assert len(openclaw.model.asked) > before


def test_every_failure_of_the_model_is_told_in_seconds_and_with_its_code(gateway: OpenClawGateway) -> None:
    causes = {
        "[[err=401]]": ("model_auth", False),
        "[[err=429]]": ("rate_limited", True),
        "[[err=500]]": ("model_error", True),
        "[[err=529]]": ("model_error", True),
        "[[midfail]] [[n=10]]": ("model_error", True),
    }
    with ThreadPoolExecutor(len(causes)) as pool:
        outcomes = pool.map(lambda cause: failed(gateway.run(new(), new(), cause)), causes)
    assert {cause: (told.code, told.retryable) for cause, told in zip(causes, outcomes, strict=True)} == causes


def test_a_refused_key_does_not_block_the_next_message(gateway: OpenClawGateway) -> None:
    failed(gateway.run(new(), new(), "[[err=401]]"))
    finished(gateway.run(new(), new(), "Hello [[n=2]]"))


def test_conversations_do_not_wait_for_each_other_nor_mix(gateway: OpenClawGateway) -> None:
    texts = [f"Count {number} [[n=15]] [[delay=0.05]]" for number in range(4)]
    with ThreadPoolExecutor(len(texts)) as pool:
        outcomes = list(pool.map(lambda text: finished(gateway.run(new(), new(), text)), texts))
    assert all(outcome.stop_reason == "stop" for outcome in outcomes)


def test_a_lost_socket_costs_no_word(gateway: OpenClawGateway) -> None:
    turn = Listener(gateway, new(), new(), "Long [[n=60]] [[delay=0.05]]")
    turn.wait_for_text(20)
    gateway._link.drop()
    assert isinstance(turn.outcome, Finished)
    assert turn.outcome.text == turn.text


def test_a_lost_socket_costs_no_tool(gateway: OpenClawGateway) -> None:
    turn = Listener(gateway, new(), new(), 'Do it [[n=3]] [[tool=exec {"command":"sleep 2; echo over there"}]]')
    wait_for(lambda: len(turn.events) > 0)
    gateway._link.drop()
    assert isinstance(turn.outcome, Finished)
    assert [event.phase for event in turn.events if isinstance(event, Tool)] == ["start", "end"]


def test_a_second_bridge_joins_a_run_that_the_first_one_left(gateway: OpenClawGateway, openclaw: OpenClaw) -> None:
    session, message, text = new(), new(), f"{new()} [[n=60]] [[delay=0.05]]"
    abandoned = gateway.run(session, message, text)
    next(abandoned)
    successor = openclaw.gateway()
    try:
        outcome = finished(successor.run(session, message, text))
    finally:
        successor.close()
    assert outcome.stop_reason == "stop"
    assert openclaw.count_calls(text[:36]) == 1


def test_stop_ends_a_run_whose_name_the_bridge_does_not_know(gateway: OpenClawGateway, openclaw: OpenClaw) -> None:
    session, other, text = new(), new(), "Long [[n=1000]] [[delay=0.05]]"
    running = gateway.run(session, new(), text)
    next(running)
    successor = openclaw.gateway()
    try:
        successor.abort(session, other)
        assert finished(successor.run(session, other, text)).stop_reason == "cancelled"
        assert failed(running).code == "interrupted"
    finally:
        successor.close()  # not before: of a connection that is gone OpenClaw may not hear the last word


def test_an_aborted_turn_keeps_its_words(gateway: OpenClawGateway) -> None:
    session, message, text = new(), new(), "Long [[n=200]] [[delay=0.05]]"
    turn = Listener(gateway, session, message, text)
    turn.wait_for_text(20)
    gateway.abort(session, message)
    assert isinstance(turn.outcome, Finished)
    assert turn.outcome.stop_reason == "cancelled"
    assert turn.outcome.text == turn.text != ""
    assert finished(gateway.run(session, message, text)).stop_reason == "cancelled"


def test_an_unknown_model_is_refused_with_a_reason_and_nothing_is_sent(
    gateway: OpenClawGateway, openclaw: OpenClaw
) -> None:
    text = new()
    outcome = failed(gateway.run(new(), new(), text, choice=Choice("nosuch/model")))
    assert outcome.key == "model_error.model_unknown"
    assert openclaw.count_calls(text) == 0


def test_a_model_is_chosen_for_one_conversation(gateway: OpenClawGateway) -> None:
    session = new()
    for choice in (Choice("demo/demo-1"), Choice(None)):
        events = list(gateway.run(session, new(), "Hello [[n=2]]", choice=choice))
        assert events[0] == choice
        finished(events)


def test_an_openclaw_that_is_not_there_is_not_ready() -> None:
    gateway = OpenClawGateway(f"ws://127.0.0.1:{find_port()}", "token")
    try:
        assert not gateway.wait_ready(0.2)
    finally:
        gateway.close()
