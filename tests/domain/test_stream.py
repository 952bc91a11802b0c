"""What a page sees of a running answer, frame by frame."""

import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.protocol import FRAME_BYTES, Frame
from chalicelib.domain.stream import EARLY_BYTES, Stream, digest, end, pieces, replay
from chalicelib.domain.turn import Delta, Tool
from tests.fakes.values import ANSWER, NOTICE, QUESTION, TALK, TURN

SEARCH = Tool("search", "start", "looks for cats")


def stream(*texts: str) -> Stream:
    begun = Stream(TALK, TURN)
    for text in texts:
        begun.write(Delta(text))
    return begun


def chunks(frames: list[Frame]) -> list[tuple[Any, ...]]:
    return [(frame["n"], frame["content"], frame.get("replace", False)) for frame in frames]


def size(frame: Frame) -> int:
    return len(json.dumps(frame, ensure_ascii=False, separators=(",", ":")).encode())


def test_what_came_since_the_last_frame_is_one_frame() -> None:
    running = stream("I ", "am")
    assert chunks(list(running.take())) == [(1, "I am", False)]
    running.write(Delta(" well."))
    assert chunks(list(running.take())) == [(2, " well.", False)]
    assert running.text == "I am well."


def test_nothing_new_is_no_frame() -> None:
    running = stream("I am")
    list(running.take())
    assert not running.dirty
    assert list(running.take()) == []


def test_the_first_words_do_not_wait_and_the_next_ones_do() -> None:
    running = stream()
    assert not running.urgent
    running.write(Delta("I"))
    assert running.urgent
    list(running.take())
    running.write(Delta(" am"))
    assert running.dirty
    assert not running.urgent


def test_a_large_piece_does_not_wait() -> None:
    running = stream("I")
    list(running.take())
    running.write(Delta("x" * EARLY_BYTES))
    assert running.urgent


def test_a_replacement_voids_what_was_shown() -> None:
    running = stream("I am")
    list(running.take())
    running.write(Delta("You are", replace=True))
    running.write(Delta(" right."))
    assert chunks(list(running.take())) == [(2, "You are right.", True)]
    assert running.text == "You are right."


def test_a_replacement_by_nothing_is_told_too() -> None:
    running = stream("I am")
    list(running.take())
    running.write(Delta("", replace=True))
    assert running.dirty
    assert chunks(list(running.take())) == [(2, "", True)]
    assert chunks(running.catch_up()) == [(2, "", True)]


def test_only_the_first_piece_of_a_long_replacement_voids() -> None:
    running = stream()
    running.write(Delta("x" * 30_000, replace=True))
    assert [void for _, _, void in chunks(list(running.take()))] == [True, False]


def test_a_tool_is_told_at_once_behind_the_text_before_it() -> None:
    running = stream("I look. ")
    list(running.take())
    running.write(Delta("Now. "))
    running.note(SEARCH)
    assert running.urgent
    text, tool = running.take()
    assert text["content"] == "Now. "
    assert tool == {
        "type": "tool",
        "conversationId": TALK,
        "turn": TURN,
        "n": 1,
        "name": "search",
        "phase": "start",
        "summary": "looks for cats",
    }
    assert list(running.take()) == []


def test_tools_are_numbered_apart_from_the_text() -> None:
    running = stream("I look. ")
    running.note(SEARCH)
    running.note(Tool("search", "end", "found 3", detail="a, b, c"))
    assert [(frame["type"], frame["n"]) for frame in running.take()] == [("stream_chunk", 1), ("tool", 1), ("tool", 2)]
    assert running.aside.again()[1]["detail"] == "a, b, c"


@pytest.mark.parametrize("text", ["a", "한", "🎉", '"', "\\", "\x00", "\n", 'a"한🎉\x01'])
def test_no_frame_is_larger_than_a_frame_may_be(text: str) -> None:
    running = stream(text * (60_000 // len(text)))
    running.note(Tool("shell", "end", text * 5_000, detail=text * 9_000))
    frames = list(running.take())
    assert max(map(size, frames)) <= FRAME_BYTES
    assert max(map(size, running.catch_up())) <= FRAME_BYTES
    assert "".join(frame.get("content", "") for frame in frames) == running.text


def test_pieces_are_as_few_as_possible() -> None:
    assert [len(piece) for piece in pieces("x" * 50_000)] == [23_550, 23_550, 2_900]
    assert pieces("") == []


def test_catching_up_gives_all_that_was_framed_and_nothing_that_was_not() -> None:
    running = stream("I ")
    list(running.take())
    running.write(Delta("am "))
    list(running.take())
    running.write(Delta("well."))
    assert chunks(running.catch_up()) == [(2, "I am ", True)]
    assert chunks(list(running.take())) == [(3, "well.", False)]


def test_catching_up_with_a_long_answer_ends_with_the_newest_number() -> None:
    running = stream("x" * 50_000)
    list(running.take())
    running.write(Delta("y"))
    list(running.take())
    caught = running.catch_up()
    assert [(number, void) for number, _, void in chunks(caught)] == [(2, True), (3, False), (4, False)]
    assert "".join(frame["content"] for frame in caught) == running.text


def test_catching_up_never_needs_more_pieces_than_were_sent() -> None:
    running = stream()
    for _ in range(2):
        running.write(Delta("x" * 23_550))
        assert len(list(running.take())) == 1
    assert [number for number, _, _ in chunks(running.catch_up())] == [1, 2]


def test_catching_up_between_a_replacement_and_its_frame_shows_nothing_yet() -> None:
    running = stream("I am")
    list(running.take())
    running.write(Delta("You are", replace=True))
    assert chunks(running.catch_up()) == [(1, "", True)]
    assert chunks(list(running.take())) == [(2, "You are", True)]


def test_catching_up_tells_of_tools_again() -> None:
    running = stream()
    assert running.catch_up() == []
    running.note(SEARCH)
    list(running.take())
    running.note(SEARCH)
    assert [frame["n"] for frame in running.catch_up()] == [1]
    running.write(Delta("Found."))
    list(running.take())
    assert [frame["type"] for frame in running.catch_up()] == ["stream_chunk", "tool", "tool"]


def test_the_end_says_how_to_check_the_text() -> None:
    told = end(ANSWER)
    assert told["chars"] == len("I am well. 🎉") == 12
    assert told["sha256"] == digest("I am well. 🎉")
    assert told["usage"] == {"inputTokens": 120, "outputTokens": 8, "costUsd": 0.000456}


def test_the_end_of_an_answer_without_known_usage_has_none() -> None:
    assert "usage" not in end(NOTICE)


def test_a_missed_answer_is_replayed_as_a_message() -> None:
    assert [frame["type"] for frame in replay(ANSWER)] == ["message"]


def test_a_missed_answer_that_no_frame_holds_is_streamed_anew() -> None:
    long = replace(ANSWER, text="한 " * 20_000)
    *parts, last = replay(long)
    assert max(map(size, parts)) <= FRAME_BYTES
    assert parts[0]["replace"]
    assert "".join(part["content"] for part in parts) == long.text
    assert (last["type"], last["sha256"], last["id"]) == ("stream_end", digest(long.text), long.id)


def test_a_question_is_replayed_as_it_was_sent() -> None:
    assert [frame["type"] for frame in replay(QUESTION)] == ["message"]


def test_the_last_words_do_not_wait() -> None:
    stream = Stream(TALK, TURN)
    stream.write(Delta("Hello"))
    list(stream.take())
    stream.write(Delta(" there"))
    assert not stream.urgent
    stream.write(Delta("", last=True))
    assert stream.urgent
