"""Conversations as they are stored, together with what is accepted and not yet answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.domain.conversation import Conversation
from chalicelib.domain.lengths import HISTORY_BYTES, weigh
from chalicelib.domain.protocol import FRAME_BYTES
from chalicelib.domain.stream import digest
from chalicelib.errors import InvalidMessage, NotFound
from chalicelib.services.history import LARGEST_PAGE, PAGE, History, Page
from tests.fakes.clock import NOON
from tests.fakes.values import OTHER_TURN, TALK
from tests.fakes.world import USER, World


@pytest.fixture
def history(awake: World) -> History:
    return awake.services.history


def shown(page: Page) -> list[tuple[int, str, str]]:
    return [(entry.seq, entry.role, entry.status) for entry in page.entries]


def test_a_conversation_is_there_from_its_first_message_on(awake: World, history: History) -> None:
    assert history.conversations(USER) == []
    awake.send(1, "What is the weather?\nIn Seoul.")
    assert history.conversations(USER) == [Conversation(TALK, "What is the weather?", 1, NOON)]
    assert shown(history.page(USER, TALK, None, None)) == [(1, "user", "pending")]
    awake.answer()
    assert history.conversations(USER) == [Conversation(TALK, "What is the weather?", 2, NOON)]
    assert shown(history.page(USER, TALK, None, None)) == [(1, "user", "committed"), (2, "agent", "committed")]


def test_the_newest_conversation_comes_first(awake: World, history: History) -> None:
    awake.send(1, "old")
    awake.answer()
    awake.clock.advance(minutes=1)
    awake.send(2, "new", talk=OTHER_TURN)
    assert [each.title for each in history.conversations(USER)] == ["new", "old"]


def test_a_conversation_that_goes_on_comes_first_at_once(awake: World, history: History) -> None:
    for number, talk in enumerate((TALK, OTHER_TURN), start=1):
        awake.clock.advance(minutes=1)
        awake.send(number, f"talk {number}", talk=talk)
        awake.answer()
    awake.clock.advance(minutes=1)
    awake.send(3, "and another thing", talk=TALK)
    assert [each.title for each in history.conversations(USER)] == ["talk 1", "talk 2"]


def test_several_messages_of_a_new_conversation_are_one_conversation(awake: World, history: History) -> None:
    awake.send(1, "one")
    awake.send(2, "two")
    assert [each.title for each in history.conversations(USER)] == ["one"]


def test_what_waits_stands_behind_what_is_stored(awake: World, history: History) -> None:
    awake.send(1)
    awake.answer()
    awake.send(2)
    awake.send(3, talk=OTHER_TURN)
    assert shown(history.page(USER, TALK, None, None)) == [
        (1, "user", "committed"),
        (2, "agent", "committed"),
        (3, "user", "pending"),
    ]


def test_history_is_read_backwards_page_by_page(awake: World, history: History) -> None:
    for number in range(1, 4):
        awake.send(number)
        awake.answer()
    awake.send(4)
    newest = history.page(USER, TALK, None, 2)
    assert ([entry.seq for entry in newest.entries], newest.before) == ([5, 6, 7], 5)
    middle = history.page(USER, TALK, newest.before, 3)
    assert ([entry.seq for entry in middle.entries], middle.before) == ([2, 3, 4], 2)
    oldest = history.page(USER, TALK, middle.before, 3)
    assert ([entry.seq for entry in oldest.entries], oldest.before) == ([1], None)
    assert history.page(USER, TALK, 1, None) == Page((), None)


def test_a_page_has_its_limits(awake: World, history: History) -> None:
    for number in range(1, LARGEST_PAGE // 2 + 2):
        awake.clock.advance(seconds=3)
        awake.send(number)
        awake.answer()
    assert len(history.page(USER, TALK, None, 10_000).entries) == LARGEST_PAGE
    assert len(history.page(USER, TALK, None, 1).entries) == 1
    assert len(history.page(USER, TALK, None, None).entries) == 50


def test_a_conversation_nobody_had_is_not_found(awake: World, history: History) -> None:
    awake.send(1)
    with pytest.raises(NotFound):
        history.page(USER, OTHER_TURN, None, None)
    with pytest.raises(NotFound):
        history.page("bob", TALK, None, None)


def test_a_conversation_can_be_renamed_pinned_and_archived(awake: World, history: History) -> None:
    awake.send(1)
    awake.answer()
    awake.send(2, talk=OTHER_TURN)
    changed = history.change(USER, TALK, {"title": "  Weather ", "pinned": True, "archived": True})
    assert (changed.title, changed.pinned, changed.archived) == ("Weather", True, True)
    assert changed in history.conversations(USER)


def test_a_conversation_can_be_changed_before_its_first_answer(awake: World, history: History) -> None:
    awake.send(1, "What is the weather?")
    changed = history.change(USER, TALK, {"pinned": True})
    assert (changed.title, changed.pinned) == ("What is the weather?", True)
    awake.answer()
    assert [(each.pinned, each.last_seq) for each in history.conversations(USER)] == [(True, 2)]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "nothing to change; possible: title, pinned, archived, deleted"),
        ({"colour": "blue"}, "nothing to change"),
        ({"pinned": "yes"}, "pinned is 'yes', wanted true or false"),
        ({"archived": 1}, "archived is 1"),
        ({"title": ""}, "title is ''"),
        ({"title": "x" * 121}, "wanted 1 to 120 characters"),
        ({"title": None}, "title is None"),
    ],
)
def test_a_change_that_cannot_be_is_refused_before_anything_is_written(
    awake: World, history: History, body: dict[str, Any], words: str
) -> None:
    awake.send(1)
    awake.answer()
    before = history.conversations(USER)
    with pytest.raises(InvalidMessage, match=words):
        history.change(USER, TALK, body)
    assert history.conversations(USER) == before


def test_what_is_not_there_or_not_ones_own_cannot_be_changed(awake: World, history: History) -> None:
    awake.send(1)
    awake.answer()
    for user_id, conversation_id in ((USER, OTHER_TURN), ("bob", TALK)):
        with pytest.raises(NotFound):
            history.change(user_id, conversation_id, {"pinned": True})
        with pytest.raises(NotFound):
            history.delete(user_id, conversation_id)


def test_a_deleted_conversation_is_hidden_and_comes_back(awake: World, history: History) -> None:
    awake.send(1)
    awake.answer()
    history.delete(USER, TALK)
    assert history.conversations(USER) == []
    history.change(USER, TALK, {"deleted": False})
    assert [each.id for each in history.conversations(USER)] == [TALK]


def test_deleting_a_conversation_cancels_what_waits_in_it(awake: World, history: History) -> None:
    awake.send(1)
    awake.answer()
    awake.send(2)
    awake.send(3, talk=OTHER_TURN)
    history.delete(USER, TALK)
    assert [message.cancelled for message in awake.inbox.pending(USER)] == [True, False]


def test_a_conversation_deleted_before_its_first_answer_stays_deleted(awake: World, history: History) -> None:
    awake.send(1)
    history.delete(USER, TALK)
    assert history.conversations(USER) == []
    assert awake.inbox.pending(USER)[0].cancelled
    awake.answer()
    assert history.conversations(USER) == []


def test_a_page_of_history_is_bounded_by_bytes_and_nothing_is_left_out(awake: World, history: History) -> None:
    texts = [f"{number} " + "가" * 200_000 for number in range(6)]
    for number, text in enumerate(texts):
        awake.send(number + 1)
        awake.answer(text)

    read: list[str] = []
    before: int | None = None
    while True:
        page = history.page(USER, TALK, before, None)
        assert sum(weigh(entry.text) for entry in page.entries) <= HISTORY_BYTES
        read = [entry.text for entry in page.entries if entry.role == "agent"] + read
        if (before := page.before) is None:
            break

    assert read == texts


def test_an_answer_larger_than_a_page_is_a_page_by_itself(awake: World, history: History) -> None:
    awake.send(1)
    awake.answer("가" * 700_000)
    page = history.page(USER, TALK, None, None)
    assert ([entry.seq for entry in page.entries], page.before) == ([2], 2)
    rest = history.page(USER, TALK, page.before, None)
    assert ([entry.seq for entry in rest.entries], rest.before) == ([1], None)


def test_texts_that_a_page_has_no_room_for_are_not_fetched(awake: World, history: History) -> None:
    for number in range(4):
        awake.send(number + 1)
        awake.answer("x" * 2_500_000)
    awake.objects.calls.clear()
    history.page(USER, TALK, None, None)
    assert len(awake.objects.calls) == 1


def test_a_page_that_comes_back_gets_a_long_answer_in_frames_that_fit(awake: World) -> None:
    text = "긴 답 " * 100_000
    awake.send(1)
    awake.answer(text)
    awake.push.frames["laptop"].clear()

    awake.receive("laptop", "resume", conversationId=TALK, after=0)

    frames = awake.push.frames["laptop"]
    assert "".join(frame["content"] for frame in frames if frame["type"] == "stream_chunk") == text
    (end,) = (frame for frame in frames if frame["type"] == "stream_end")
    assert (end["chars"], end["sha256"]) == (len(text), digest(text))
    assert max(len(json.dumps(frame, ensure_ascii=False).encode()) for frame in frames) <= FRAME_BYTES


def test_the_list_comes_in_pages_pinned_ones_first(awake: World, history: History) -> None:
    talks = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(PAGE + 3)]
    for number, talk in enumerate(talks):
        awake.clock.advance(seconds=3)
        awake.send(number + 1, talk=talk)
        awake.answer()
    history.change(USER, talks[0], {"pinned": True})
    first = history.listing(USER)
    assert [each.id for each in first.conversations] == [talks[0], *reversed(talks[4:])]
    rest = history.listing(USER, first.after)
    assert ([each.id for each in rest.conversations], rest.after) == ([talks[3], talks[2], talks[1]], None)


def test_a_conversation_that_moves_up_between_two_pages_hides_no_other(awake: World, history: History) -> None:
    talks = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(PAGE + 2)]
    for number, talk in enumerate(talks):
        awake.clock.advance(seconds=3)
        awake.send(number + 1, talk=talk)
        awake.answer()
    first = history.listing(USER)
    awake.clock.advance(seconds=3)
    awake.send(99, talk=talks[0])
    assert [each.id for each in history.listing(USER, first.after).conversations] == [talks[1]]


@pytest.mark.parametrize("mark", ["", "x", "2_2026-01-01T12:00:00.000Z_" + TALK, "1_" + "9" * 400, "1_~_" + TALK])
def test_a_mark_that_no_page_gave_is_refused(world: World, history: History, mark: str) -> None:
    with pytest.raises(InvalidMessage, match="after is"):
        history.listing(USER, mark)
