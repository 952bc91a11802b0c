"""Conversations and their entries as rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.conversation import Conversation
from chalicelib.store import Put, Store, Table
from chalicelib.tables.conversations import Conversations, grow, put_entry
from tests.fakes.values import ANSWER, CREATED, NOTICE, OTHER_TURN, QUESTION, TALK, TALKS, asked

USER = "ada"


@pytest.fixture
def conversations(store: Store) -> Conversations:
    store.write(put_entry(USER, QUESTION), put_entry(USER, ANSWER), grow(USER, QUESTION, ANSWER, ANSWER.created_at))
    return Conversations(store)


def test_entries_come_back_as_they_were_put(conversations: Conversations) -> None:
    assert conversations.entries(USER, TALK) == [QUESTION, ANSWER]


def test_a_notice_and_an_edit_come_back_whole(conversations: Conversations) -> None:
    edit = replace(asked("again"), replaces="m0", channel="telegram", status="committed")
    notice = replace(NOTICE, seq=4)
    conversations.store.write(put_entry(USER, edit), put_entry(USER, notice))
    assert conversations.entries(USER, TALK, after=2) == [edit, notice]


def test_a_first_turn_makes_the_conversation(conversations: Conversations) -> None:
    assert conversations.get(USER, TALK) == TALKS
    assert conversations.list(USER) == [TALKS]
    assert conversations.get("bob", TALK) is None
    assert conversations.list("bob") == []


def test_later_turns_leave_what_the_user_chose(conversations: Conversations) -> None:
    chosen = conversations.change(USER, TALK, title="Weather", pinned=True)
    assert chosen == replace(TALKS, title="Weather", pinned=True)
    later = CREATED + timedelta(hours=1)
    conversations.store.write(grow(USER, asked("other words"), replace(ANSWER, seq=4), later))
    assert conversations.get(USER, TALK) == replace(chosen, last_seq=4, last_at=later)


def test_a_conversation_that_is_not_there_cannot_change(conversations: Conversations) -> None:
    assert conversations.change(USER, OTHER_TURN, pinned=True) is None
    assert conversations.get(USER, OTHER_TURN) is None


def test_a_conversation_can_be_made_before_its_first_turn_and_only_then(conversations: Conversations) -> None:
    newborn = Conversation(OTHER_TURN, "Plans", 3, CREATED)
    conversations.ensure(USER, newborn)
    assert conversations.get(USER, OTHER_TURN) == newborn
    conversations.ensure(USER, replace(newborn, title="Other", last_seq=9))
    conversations.ensure(USER, Conversation(TALK, "Other", 9, CREATED))
    assert conversations.list(USER) == [TALKS, newborn]


def test_entries_are_found_between_two_numbers(conversations: Conversations) -> None:
    more = [replace(asked(f"message {seq}", id=f"m{seq}", seq=seq), status="committed") for seq in (3, 5, 7)]
    for entry in more:
        conversations.store.write(put_entry(USER, entry))
    assert conversations.entries(USER, TALK, after=2) == more
    assert conversations.entries(USER, TALK, after=2, before=7) == more[:2]
    assert conversations.entries(USER, TALK, before=7, limit=2) == more[:2]
    assert conversations.entries(USER, TALK, limit=1) == more[2:]
    assert conversations.entries(USER, TALK, before=0) == []
    assert conversations.entries(USER, TALK, after=7) == []


def test_entries_of_another_conversation_are_not_found(conversations: Conversations) -> None:
    assert conversations.entries(USER, OTHER_TURN) == []
    assert conversations.entries("bob", TALK) == []


def test_a_row_that_says_less_than_today_is_read(store: Store) -> None:
    key = {"userId": USER, "sk": f"conversation#{TALK}"}
    store.write(Put(Table.CONVERSATIONS, {**key, "title": "Old", "lastAt": "2026-01-01T12:00:00.123Z"}))
    assert Conversations(store).get(USER, TALK) == Conversation(TALK, "Old", 0, CREATED)
