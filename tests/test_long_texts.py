"""Texts that no row can hold: whole for every reader, under names that no older writer can replace."""

from __future__ import annotations

import hashlib

import pytest

from chalicelib.domain.lengths import INLINE_BYTES
from chalicelib.errors import ConditionFailed, StorageUnavailable
from chalicelib.long_texts import LOST, LongTexts, text_bytes
from chalicelib.store import Missing, Put, Table
from tests.fakes.objects import MemoryObjects
from tests.fakes.store import MemoryStore

LONG = "긴 글 " * 60_000
ROW = {"userId": "ada", "sk": "talk#000000000002", "messageId": "turn:answer", "role": "agent"}
KEY = {"userId": "ada", "sk": "talk#000000000002"}


def scene() -> tuple[LongTexts, MemoryStore, MemoryObjects]:
    store, objects = MemoryStore(), MemoryObjects()
    return LongTexts(store, objects), store, objects


def put(text: str) -> Put:
    return Put(Table.CONVERSATIONS, {**ROW, "text": text}, (Missing("userId"),))


def test_a_long_text_is_in_the_bucket_and_its_row_is_small() -> None:
    texts, store, objects = scene()
    texts.write(put(LONG))

    kept = store.get(Table.CONVERSATIONS, KEY)
    size = len(LONG.encode())
    key = f"users/ada/answers/turn-answer-{hashlib.sha256(LONG.encode()).hexdigest()[:16]}"
    assert kept == {**ROW, "s3Key": key, "textBytes": size}
    assert objects.bodies == {key: LONG.encode()}


def test_every_reader_has_the_whole_text() -> None:
    texts, _, _ = scene()
    texts.write(put(LONG))

    row = texts.get(Table.CONVERSATIONS, KEY)
    assert row and row["text"] == LONG
    assert dict(row)["text"] == LONG
    (found,) = texts.query(Table.CONVERSATIONS, "ada")
    assert (found["text"], found["role"], len(found)) == (LONG, "agent", 7)


def test_a_text_is_fetched_when_it_is_read_and_once() -> None:
    texts, _, objects = scene()
    texts.write(put(LONG))
    objects.calls.clear()

    row = texts.get(Table.CONVERSATIONS, KEY)
    assert row and text_bytes(row) == len(LONG.encode())
    assert objects.calls == []
    assert (row["text"], row["text"]) == (LONG, LONG)
    assert len(objects.calls) == 1


@pytest.mark.parametrize("text", ["Hello", "x" * INLINE_BYTES, "가" * (INLINE_BYTES // 3)])
def test_a_text_that_fits_stays_in_its_row(text: str) -> None:
    texts, store, objects = scene()
    texts.write(put(text))
    row = store.get(Table.CONVERSATIONS, KEY)
    assert row == {**ROW, "text": text}
    assert text_bytes(row) == len(text.encode())
    assert objects.calls == []


def test_an_older_writer_replaces_nothing_that_was_committed() -> None:
    texts, _, _ = scene()
    texts.write(put(LONG))
    with pytest.raises(ConditionFailed):
        texts.write(put(LONG + "and something else"))
    row = texts.get(Table.CONVERSATIONS, KEY)
    assert row and row["text"] == LONG


def test_a_text_that_cannot_be_written_is_not_named_by_a_row() -> None:
    texts, store, objects = scene()
    objects.refuses = lambda call: call.startswith("put")
    with pytest.raises(StorageUnavailable):
        texts.write(put(LONG))
    assert store.rows == {}


def test_a_bucket_that_is_away_is_told_and_a_text_that_is_gone_is_words() -> None:
    texts, _, objects = scene()
    texts.write(put(LONG))
    row = texts.get(Table.CONVERSATIONS, KEY)
    assert row
    objects.refuses = lambda call: call.startswith("get")
    with pytest.raises(StorageUnavailable):
        row["text"]
    objects.refuses = lambda call: False
    objects.bodies.clear()
    assert row["text"] == LOST


def test_what_is_not_there_is_none_and_what_is_active_is_the_stores() -> None:
    texts, _, _ = scene()
    assert texts.get(Table.CONVERSATIONS, KEY) is None
    assert list(texts.active()) == []
