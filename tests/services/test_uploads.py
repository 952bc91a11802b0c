"""Files that a page uploads: offered one by one, looked at again when a message names them."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.attachment import File, upload_key
from chalicelib.domain.lengths import TEXT_BYTES
from chalicelib.errors import InvalidMessage, MessageTooLarge
from chalicelib.ports import Head
from tests.fakes.values import TALK
from tests.fakes.world import USER, World, message

LOG = "오류 " * 40_000
ASKED = {"name": "로그.txt", "mimeType": "text/plain", "bytes": len(LOG.encode())}


def uploaded(world: World, user: str = USER, body: bytes = LOG.encode()) -> str:
    """The id of an upload that is in the bucket."""
    offered = world.services.uploads.offer(user, {**ASKED, "bytes": len(body)}).fields()
    world.objects.take(offered["fields"], body)
    return str(offered["id"])


def attach(world: World, *ids: str, text: str = "Look at this", number: int = 1) -> None:
    world.receive("laptop", "send", id=message(number), conversationId=TALK, text=text, attachments=list(ids))


def refusal(world: World) -> dict[str, Any]:
    (error,) = (frame for frame in world.push.frames["laptop"] if frame["type"] == "error")
    assert error["id"] == message(1)
    assert world.inbox.pending(USER) == ()
    return error


def test_an_upload_is_offered_under_the_users_own_prefix(world: World) -> None:
    offered = world.services.uploads.offer(USER, ASKED).fields()
    assert offered["fields"]["key"] == f"users/{USER}/uploads/{offered['id']}"
    assert (offered["name"], offered["mimeType"], offered["bytes"]) == ("로그.txt", "text/plain", len(LOG.encode()))
    assert offered["id"] != world.services.uploads.offer(USER, ASKED).file.id


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": None}, "name or mimeType"),
        ({"mimeType": 5}, "name or mimeType"),
        ({"mimeType": "image/png"}, "cannot be attached"),
        ({"bytes": "5"}, "bytes is missing"),
        ({"bytes": True}, "bytes is missing"),
        ({"bytes": 0}, "is empty"),
    ],
)
def test_what_cannot_be_uploaded_is_refused_before_the_upload(world: World, change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidMessage, match=words):
        world.services.uploads.offer(USER, {**ASKED, **change})


def test_a_text_over_400_kb_is_refused_before_the_upload(world: World) -> None:
    with pytest.raises(MessageTooLarge, match="at most 400 KB"):
        world.services.uploads.offer(USER, {**ASKED, "bytes": TEXT_BYTES + 1})


def test_a_message_keeps_the_facts_of_its_uploads(world: World) -> None:
    world.connect("phone")
    id = uploaded(world)
    attach(world, id)

    file = File(id, "로그.txt", "text/plain", len(LOG.encode()))
    (waiting,) = world.inbox.pending(USER)
    assert waiting.files == (file,)
    shown = {"id": id, "name": "로그.txt", "mimeType": "text/plain", "bytes": file.size}
    (told,) = (frame for frame in world.push.frames["phone"] if frame["type"] == "message")
    assert told["attachments"] == [shown]

    world.run()
    world.answer()
    question, _ = world.services.history.page(USER, TALK, None, None).entries
    assert question.files == (file,)


def test_a_file_needs_no_words_and_names_the_conversation(world: World) -> None:
    attach(world, uploaded(world), text="")
    (waiting,) = world.inbox.pending(USER)
    assert waiting.text == ""
    assert [each.title for each in world.services.history.conversations(USER)] == ["로그.txt"]
    world.run()
    world.answer()
    assert [each.title for each in world.services.history.conversations(USER)] == ["로그.txt"]


def test_a_message_with_an_upload_that_is_not_there_is_refused_with_words(world: World) -> None:
    attach(world, message(7))
    assert refusal(world)["message"] == "an attached file is not there, or not any more; attach it again"


def test_nobody_sends_what_another_has_uploaded(world: World) -> None:
    attach(world, uploaded(world, user="bob"))
    assert "is not there" in refusal(world)["message"]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (Head(TEXT_BYTES + 1, "text/plain", "log.txt"), "too_large"),
        (Head(5, "application/zip", "log.txt"), "invalid_message"),
        (Head(5, "binary/octet-stream"), "invalid_message"),
        (Head(0, "text/plain", "log.txt"), "invalid_message"),
    ],
)
def test_what_is_in_the_bucket_counts_and_not_what_was_said(world: World, head: Head, code: str) -> None:
    id = uploaded(world)
    world.objects.heads[upload_key(USER, id)] = head
    attach(world, id)
    assert refusal(world)["code"] == code


def test_while_the_bucket_is_away_the_message_can_be_sent_again(world: World) -> None:
    id = uploaded(world)
    world.objects.refuses = lambda call: call.startswith("head")
    attach(world, id)
    assert refusal(world)["retryable"] is True

    world.objects.refuses = lambda call: False
    attach(world, id)
    assert [each.files[0].id for each in world.inbox.pending(USER)] == [id]
