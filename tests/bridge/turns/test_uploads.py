"""The files of a message from the page: in OpenClaw's hands when its turn begins, or a notice that says why not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.domain.attachment import File, upload_key
from chalicelib.domain.inbox import Draft
from chalicelib.domain.turn import Attachment
from tests.fakes.bridge import Desk
from tests.fakes.clock import NOON
from tests.fakes.values import TALK, TURN
from tests.tables.scenes import USER, counters

LOG = ("오류 " * 40_000).encode()
FILE = File(TURN, "로그.txt", "text/plain", len(LOG))
KEY = upload_key(USER, TURN)


def asked(content: bytes | None = LOG) -> Desk:
    """A message with a file waits."""
    desk = Desk()
    if content is not None:
        desk.objects.put(KEY, content)
    desk.rows.inbox.accept(Draft(USER, "m1", TALK, "What is wrong?", files=(FILE,)), "m1", NOON)
    return desk


def first(calls: int) -> Callable[[str], bool]:
    """S3 is away for so many reads."""
    left = [calls]

    def refuses(call: str) -> bool:
        if not call.startswith("get") or not left[0]:
            return False
        left[0] -= 1
        return True

    return refuses


def test_the_agent_gets_the_file_whole_and_the_history_names_it() -> None:
    desk = asked()
    desk.settle()

    assert desk.gateway.attachments == [Attachment("text/plain", "로그.txt", LOG)]
    question, answer = desk.rows.conversations.entries(USER, TALK)
    assert (question.files, answer.text) == ((FILE,), "What is wrong?!")
    assert desk.push.frames["page"][0]["attachments"][0]["name"] == "로그.txt"


def test_a_bucket_that_is_away_for_some_seconds_holds_the_turn_up_and_no_more() -> None:
    desk = asked()
    desk.objects.refuses = first(3)
    desk.settle()
    assert desk.answers() == ["What is wrong?!"]


@pytest.mark.parametrize(
    ("content", "away", "words", "retryable"),
    [
        (LOG, 99, "로그.txt could not be fetched from the storage just now. Send the message again.", True),
        (None, 0, "로그.txt is not stored any more. Attach it again.", True),
        (b"\xff\xd8\xff", 0, "로그.txt is not a text that can be read. Attach it as UTF-8.", False),
        (b"a\0b", 0, "로그.txt is not a text that can be read. Attach it as UTF-8.", False),
    ],
)
def test_a_file_that_cannot_be_had_is_a_notice_and_the_agent_is_not_asked(
    content: bytes | None, away: int, words: str, retryable: bool
) -> None:
    desk = asked(content)
    desk.objects.refuses = first(away)
    desk.settle()

    assert desk.gateway.asked == []
    (_, notice) = desk.rows.conversations.entries(USER, TALK)
    assert (notice.role, notice.text, notice.retryable) == ("notice", words, retryable)
    assert counters(desk.store) == (0, 0, 0)
