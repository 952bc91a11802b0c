"""Frames that a client may send, and what is said about those it may not. The shapes are in `tests/golden`."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import fields, protocol
from chalicelib.domain.agent import Agent, State, Step
from chalicelib.domain.attachment import MOST_UPLOADS
from chalicelib.domain.client_frames import Ping, Resume, Send, parse, peek_id
from chalicelib.domain.estimate import Estimate
from chalicelib.domain.lengths import MESSAGE_CHARS
from chalicelib.domain.protocol import ERROR_CODES, FRAME_BYTES
from chalicelib.errors import InvalidMessage, MessageTooLarge, ServiceError
from tests.fakes.values import IDLE, QUESTION, STARTING, TALK, TURN

SEND = {"type": "send", "id": TURN, "conversationId": TALK, "text": "Hello"}
RESUME = {"type": "resume", "conversationId": TALK}


def body(**changes: Any) -> str:
    return json.dumps({**SEND, **changes})


def test_unknown_keys_are_ignored() -> None:
    assert parse(body(colour="blue", attachments=[])) == Send(TURN, TALK, "Hello")


def test_a_resume_without_numbers_asks_for_everything() -> None:
    assert parse(json.dumps(RESUME)) == Resume(TALK, after=0, turn=None, chunk=0)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("[" * 20_000, "not JSON"),
        ("{}", "type is None, possible: send, cancel, approve, resume, status, ping"),
        ('{"type":["send"]}', "type is"),
        (body(id="7"), "id is '7', wanted a lower-case UUID"),
        (body(id=TURN.upper().replace("2", "A")), "wanted a lower-case UUID"),
        (body(conversationId=None), "conversationId is None"),
        (body(text=""), "text is missing or empty"),
        (body(text=" \n "), "text is missing or empty"),
        (body(text="\0"), "text is missing or empty"),
        (body(text="\ufeff"), "text is missing or empty"),
        (body(text="\u200b\u2060\u00ad"), "text is missing or empty"),
        (body(text=7), "text is missing or empty"),
        (body(runtime="moon"), "possible: auto, fargate, lambda"),
        (body(runtime=None), "possible: auto, fargate, lambda"),
        (body(replaces="x"), "replaces is 'x'"),
        (body(attachments="x"), "attachments is 'x', wanted a list of at most 5 upload ids"),
        (body(attachments=[TURN] * 6), "wanted a list of at most 5"),
        (body(attachments=[7]), "attachments is 7, wanted a lower-case UUID"),
        (body(attachments=["a/../b"]), "attachments is 'a/../b', wanted a lower-case UUID"),
        (body(text=" ", attachments=[]), "text is missing or empty"),
        ('{"type":"cancel"}', "turn is None"),
        (json.dumps({**RESUME, "after": -1}), "after is -1, wanted a number from 0"),
        (json.dumps({**RESUME, "after": True}), "after is True"),
        (json.dumps({**RESUME, "chunk": "2"}), "chunk is '2'"),
        (json.dumps({**RESUME, "turn": 5}), "turn is 5"),
    ],
)
def test_a_frame_that_cannot_be_understood_says_what_was_wanted(frame: str, words: str) -> None:
    with pytest.raises(InvalidMessage, match=words):
        parse(frame)


def test_a_text_is_cleaned_of_what_no_program_behind_takes() -> None:
    assert parse(body(text="\ufeffa\0b\x1b[1m \ud83d\n한")) == Send(TURN, TALK, "ab[1m \ufffd\n한")


def test_half_a_surrogate_pair_anywhere_is_mended() -> None:
    assert fields.json_object('{"title":"\\ud83d"}') == {"title": "\ufffd"}


@pytest.mark.parametrize("letter", ["x", "한", "\u20ac", "\n", '"', "\\"])
def test_a_message_has_so_many_characters_in_every_language_and_fits_a_frame(letter: str) -> None:
    uploads = [TURN[:-1] + str(number) for number in range(MOST_UPLOADS)]
    text = letter * (MESSAGE_CHARS - 1) + "."
    frame = {**SEND, "text": text, "runtime": "fargate", "replaces": TURN, "attachments": uploads}
    assert parse(json.dumps(frame, ensure_ascii=False)) == Send(TURN, TALK, text, "fargate", TURN, tuple(uploads))


def test_a_character_is_what_a_browser_counts_as_one() -> None:
    assert parse(json.dumps({**SEND, "text": "🎉" * (MESSAGE_CHARS // 2)}, ensure_ascii=False))
    with pytest.raises(MessageTooLarge, match=r"at most 8,000 characters; attach a longer text"):
        parse(json.dumps({**SEND, "text": "🎉" * (MESSAGE_CHARS // 2) + "!"}, ensure_ascii=False))


def test_a_message_may_not_be_longer_though_a_frame_would_hold_it() -> None:
    with pytest.raises(MessageTooLarge, match=f"at most {MESSAGE_CHARS:,} characters"):
        parse(body(text="x" * (MESSAGE_CHARS + 1)))


def test_a_frame_that_the_socket_would_not_take_is_refused_by_its_size() -> None:
    with pytest.raises(MessageTooLarge, match=f"at most {FRAME_BYTES}"):
        parse(body(text="", junk="한" * 8_200))


@pytest.mark.parametrize("letter", ["x", "한", "🎉", '"', "\n"])
def test_what_was_said_in_a_chat_may_be_longer_than_a_frame_which_then_has_its_beginning(letter: str) -> None:
    whole = replace(QUESTION, text=letter * 40_000)
    frame = protocol.message(whole)
    assert len(json.dumps(frame, ensure_ascii=False).encode()) <= FRAME_BYTES
    assert frame["text"].endswith(f"{letter}…")
    assert len(frame["text"]) > 5_000
    assert protocol.entry(whole)["text"] == whole.text
    assert protocol.message(replace(QUESTION, text=letter))["text"] == letter


def test_size_is_counted_in_bytes() -> None:
    with pytest.raises(MessageTooLarge):
        parse(json.dumps({**SEND, "text": "한" * 8_200}, ensure_ascii=False))


def test_a_refused_frame_still_tells_its_id() -> None:
    assert peek_id(body(text="")) == TURN
    assert peek_id(body(id=7)) is None
    assert peek_id("{") is None


@pytest.mark.parametrize("value", ["\ue000" * 8_000, ["x" * 20_000], {"x" * 20_000: 1}])
def test_an_error_quotes_little_of_a_large_value(value: Any) -> None:
    for frame in (body(id=value), body(runtime=value), body(type=value), json.dumps({**RESUME, "after": value})):
        with pytest.raises(ServiceError) as caught:
            parse(frame)
        assert len(json.dumps(str(caught.value))) < 400


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(-1, 3), st.sampled_from(["", "send", "resume", TURN, "x"])),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(st.sampled_from(["type", "id", "text", "conversationId", "after"]), inner)
        ),
        max_leaves=6,
    )
)
def test_whatever_arrives_is_a_frame_or_a_clear_refusal(value: Any) -> None:
    try:
        parse(json.dumps(value))
    except ServiceError as error:
        assert error.code in ERROR_CODES
        assert str(error)


def test_the_estimate_is_told_while_the_agent_starts_or_sleeps() -> None:
    estimate = Estimate(30.0, 42.0)
    assert protocol.status(STARTING, estimate)["eta"] == {"p50": 30.0, "p90": 42.0}
    assert protocol.status(IDLE, estimate)["eta"] == {"p50": 30.0, "p90": 42.0}
    assert "eta" not in protocol.status(running(State.RUNNING), estimate)
    assert "eta" not in protocol.status(running(State.STOPPING), estimate)


def test_an_idle_agent_is_at_no_stage() -> None:
    assert "stage" not in protocol.status(running(State.IDLE))
    assert protocol.status(running(State.RUNNING))["stage"] == "ready"


def running(state: State) -> Agent:
    return replace(STARTING, state=state, step=Step.READY)


def test_every_error_a_service_can_raise_has_a_known_code() -> None:
    kinds = [ServiceError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    assert {kind.code for kind in kinds} <= set(ERROR_CODES)


def test_a_ping_is_understood() -> None:
    assert parse('{"type":"ping"}') == Ping()
