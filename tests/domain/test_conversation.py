from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.conversation import TITLE_LENGTH, Entry, answer, title
from chalicelib.domain.inbox import entry_of, heads
from chalicelib.domain.turn import Finished
from tests.fakes.values import CREATED, FAILED, FINISHED, MESSAGE, OTHER_TURN, QUESTION, TALK, TURN

LATER = CREATED + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello", "Hello"),
        ("\n  \n  First line \nsecond line", "First line"),
        ("", "…"),
        ("word " * 20, "word " * 11 + "word…"),
        ("x" * 61, "x" * 60 + "…"),
        ("x" * 60, "x" * 60),
        ("한" * 61, "한" * 60 + "…"),
    ],
)
def test_a_title_is_the_first_line_cut_at_a_word(text: str, expected: str) -> None:
    assert title(text) == expected
    assert len(title(text)) <= TITLE_LENGTH + 1


def test_an_answer_follows_right_behind_its_question() -> None:
    assert answer(QUESTION, FINISHED, LATER, 2000) == Entry(
        id=f"{TURN}:answer",
        conversation_id=TALK,
        seq=QUESTION.seq + 1,
        role="agent",
        text="I am well. 🎉",
        created_at=LATER,
        status="committed",
        turn=TURN,
        usage=FINISHED.usage,
        duration_ms=2000,
        stop_reason="stop",
    )


def test_a_cancelled_answer_keeps_its_text() -> None:
    cancelled = answer(QUESTION, Finished("I am", "cancelled", None), LATER, 900)
    assert (cancelled.text, cancelled.status, cancelled.stop_reason) == ("I am", "cancelled", "cancelled")


def test_a_turn_that_failed_leaves_a_notice_that_says_what_to_do() -> None:
    notice = answer(QUESTION, FAILED, LATER, 350)
    assert (notice.role, notice.status, notice.text) == ("notice", "failed", FAILED.text)
    assert (notice.error_code, notice.retryable, notice.stop_reason) == ("model_auth", False, None)


def test_a_message_is_pending_until_it_is_answered() -> None:
    assert entry_of(MESSAGE).status == "pending"
    assert entry_of(MESSAGE, pending=False) == replace(entry_of(MESSAGE), status="committed")


def test_the_oldest_message_of_each_conversation_is_next() -> None:
    first = MESSAGE
    second = replace(MESSAGE, id=OTHER_TURN, seq=3)
    elsewhere = replace(MESSAGE, conversation_id="elsewhere", seq=5)
    assert list(heads([elsewhere, second, first], busy=(), now=CREATED)) == [first, elsewhere]


def test_a_conversation_in_which_a_turn_runs_has_no_next_message() -> None:
    elsewhere = replace(MESSAGE, conversation_id="elsewhere", seq=5)
    assert list(heads([MESSAGE, elsewhere], busy={TALK}, now=CREATED)) == [elsewhere]
