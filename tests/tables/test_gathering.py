"""Parts join a message by one conditional write; whoever begins it has all of them, or does not begin."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.attachment import File
from chalicelib.domain.conversation import answer
from chalicelib.domain.gathering import WINDOW, MessagePart
from chalicelib.domain.inbox import Accepted, Draft, Message, entry_of, heads, next_head
from chalicelib.domain.turn import Failed
from chalicelib.errors import ConditionFailed
from chalicelib.store import Item, Store, Write
from chalicelib.tables.answers import Answers
from tests.fakes.clock import NOON
from tests.fakes.store import MemoryStore
from tests.fakes.values import TALK
from tests.tables.scenes import USER, counters, inbox, running

FAILED = Failed("interrupted", "No.", retryable=True)


def photo(number: int, **changes: object) -> Draft:
    files = (File(f"f{number}", "photo.jpg", "image/jpeg", 3, optional=number > 90),)
    part = MessagePart(number, 100, f"photo {number}", "[data]" if number == 1 else "", files, album="a")
    draft = Draft(USER, f"u{number}", TALK, part.words, channel="telegram", reply_to="7", files=files, part=part)
    return replace(draft, **changes)  # type: ignore[arg-type]


def accept(store: Store, draft: Draft, now: object = NOON) -> Accepted:
    return inbox(store).accept(draft, f"m{draft.key}", now)  # type: ignore[arg-type]


def waiting(store: Store) -> tuple[Message, ...]:
    return inbox(store).pending(USER)


def test_an_album_is_one_message_with_one_number(store: Store) -> None:
    first, second = accept(store, photo(2)), accept(store, photo(1))
    (message,) = waiting(store)
    assert (first.joined, second.joined, second.seq, second.id) == (False, True, first.seq, first.id)
    assert second.message == message
    assert message.text == "photo 1\n\nphoto 2\n\n[data]"
    assert [(file.id, file.name) for file in message.files] == [("f1", "photo.jpg"), ("f2", "photo-2.jpg")]
    assert [part.number for part in message.parts] == [1, 2]
    assert counters(store) == (1, 0, 0)


def test_all_facts_of_a_part_survive(store: Store) -> None:
    draft = photo(99)
    part = replace(draft.part, units=7, sent_at=5)  # type: ignore[type-var]
    accept(store, replace(draft, part=part))
    (message,) = waiting(store)
    assert message.parts == (part,)
    assert message.files == draft.files


def test_the_same_part_again_gives_the_earlier_receipt(store: Store) -> None:
    accept(store, photo(1))
    second = accept(store, photo(2))
    assert accept(store, photo(2)) == replace(second, message=None, joined=False)
    assert accept(store, photo(1)).message is None
    assert inbox(store).join(photo(2), NOON) is None
    assert len(waiting(store)[0].parts) == 2


def test_a_part_that_comes_after_the_beginning_is_a_message_of_its_own(store: Store) -> None:
    accept(store, photo(1))
    epoch = running(store).epoch
    assert inbox(store).claim(waiting(store)[0], epoch, NOON)
    assert not accept(store, photo(2)).joined
    assert [message.text.partition("\n")[0] for message in waiting(store)] == ["photo 1", "photo 2"]


@pytest.mark.parametrize("end", ["given back", "cancelled"])
def test_nothing_joins_what_somebody_had_or_nobody_wants(store: Store, end: str) -> None:
    accept(store, photo(1))
    epoch = running(store).epoch
    if end == "cancelled":
        assert inbox(store).cancel(USER, "u1")
    else:
        mine = inbox(store).claim(waiting(store)[0], epoch, NOON)
        assert mine
        assert inbox(store).release(mine, epoch, NOON)
    assert not accept(store, photo(2)).joined


@pytest.mark.parametrize(
    "change", [{"conversation_id": "x"}, {"reply_to": "8"}, {"runtime": "fargate"}, {"part": None}]
)
def test_only_what_was_said_in_the_same_place_is_joined(store: Store, change: dict[str, object]) -> None:
    accept(store, photo(1))
    assert not accept(store, photo(2, **change)).joined


def test_who_begins_a_message_that_has_grown_must_look_again(store: Store) -> None:
    accept(store, photo(1))
    (seen,) = waiting(store)
    epoch = running(store).epoch
    accept(store, photo(2))
    assert inbox(store).claim(seen, epoch, NOON) is None
    notice = answer(entry_of(seen), FAILED, NOON, 0)
    assert Answers(store).refuse(seen, epoch, notice, NOON) is None
    assert inbox(store).claim(waiting(store)[0], epoch, NOON)


class Racing(MemoryStore):
    """Somebody begins the message at the very moment at which a part would join it."""

    raced = False

    def write(self, *writes: Write) -> Item:
        if not self.raced and len(writes) == 2 and len(waiting(self)) == 1:
            self.raced = True
            raise ConditionFailed("it has just changed")
        return super().write(*writes)


def test_a_part_that_loses_a_race_is_tried_again() -> None:
    store = Racing()
    accept(store, photo(1))
    assert accept(store, photo(2)).joined
    assert store.raced


def test_ten_parts_at_once_are_one_message(store: Store) -> None:
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda number: accept(store, photo(number)), range(10)))
    (message,) = waiting(store)
    assert [part.number for part in message.parts] == list(range(10))
    assert counters(store) == (1, 0, 0)


def test_it_is_next_when_its_window_is_over(store: Store) -> None:
    accept(store, photo(1))
    accept(store, photo(2), NOON + timedelta(seconds=0.5))
    (message,) = waiting(store)
    end = NOON + timedelta(seconds=0.5) + WINDOW
    assert message.closes_at == end
    later = replace(message, seq=9, parts=(), closes_at=None)
    assert list(heads([message, later], (), NOON)) == [], "nothing overtakes it"
    assert next_head([message, later], NOON) == end - NOON
    assert list(heads([message, later], (), end)) == [message]
    assert next_head([message, later], end) is None
    assert next_head([replace(message, cancelled=True)], NOON) is None


def test_the_end_of_a_cut_text_closes_it_at_once(store: Store) -> None:
    for number, units in ((1, 4096), (2, 9)):
        part = MessagePart(number, 100, f"part {number}", units=units)
        accept(store, Draft(USER, f"t{number}", TALK, part.words, channel="telegram", reply_to="7", part=part))
    (message,) = waiting(store)
    assert (message.text, message.closes_at) == ("part 1part 2", None)
