from datetime import timedelta
from itertools import permutations

import pytest

from chalicelib.domain.attachment import MEGABYTE, File
from chalicelib.domain.gathering import LONG, WINDOW, MessagePart, closes_at, compose, gathered, joined, may_join
from chalicelib.domain.text import MOST_CHARACTERS
from tests.fakes.clock import NOON


def text(number: int, words: str = "", units: int = 4096, sent_at: int = 100) -> MessagePart:
    return MessagePart(number, sent_at, words or f"part {number}", units=units)


def photo(number: int, words: str = "", album: str = "a", size: int = 3) -> MessagePart:
    return MessagePart(number, 100, words, files=(File(f"f{number}", "photo.jpg", "image/jpeg", size),), album=album)


def put_together(*parts: MessagePart) -> tuple[MessagePart, ...] | None:
    whole: tuple[MessagePart, ...] = parts[:1]
    for part in parts[1:]:
        grown = joined(whole, part)
        if grown is None:
            return None
        whole = grown
    return whole


@pytest.mark.parametrize("order", list(permutations((photo(1), photo(2, "Which?"), photo(3)))))
def test_an_album_is_one_whatever_the_order_in_which_it_comes(order: tuple[MessagePart, ...]) -> None:
    whole = put_together(*order)
    assert whole
    assert compose(whole) == "Which?"
    assert [(file.id, file.name) for file in gathered(whole)] == [
        *(("f1", "photo.jpg"), ("f2", "photo-2.jpg"), ("f3", "photo-3.jpg")),
    ]


@pytest.mark.parametrize("order", list(permutations((text(1, "ab"), text(2, "cd"), text(3, "ef", units=2)))))
def test_a_cut_text_is_one_whatever_the_order_in_which_it_comes(order: tuple[MessagePart, ...]) -> None:
    whole = put_together(*order)
    assert whole
    assert compose(whole) == "abcdef"


def test_a_text_that_was_cut_at_a_line_has_its_line_break_again() -> None:
    whole = put_together(text(1, "one", units=3000), text(2, "two", units=4096), text(3, "three", units=5))
    assert whole
    assert compose(whole) == "one\ntwothree"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (text(1, units=LONG), text(2)),  # nobody cuts there
        (text(2), text(1, units=LONG)),  # the long one came last
        (text(1, sent_at=100), text(2, sent_at=103)),
        (text(1), text(1)),
        (text(1), photo(2)),
        (text(1), MessagePart(2, 100, "forwarded")),
        (photo(1), photo(2, album="b")),
        (photo(1), photo(2, album="")),
        (photo(1), text(2)),
        (photo(1, size=10 * MEGABYTE), photo(2, size=9 * MEGABYTE)),
        (text(1, "x" * MOST_CHARACTERS), text(2)),
    ],
)
def test_what_does_not_belong_together_stays_apart(first: MessagePart, second: MessagePart) -> None:
    assert joined((first,), second) is None


def test_captions_stand_one_below_the_other_and_data_comes_last() -> None:
    answer = MessagePart(1, 100, "one", context="[data]\n> said", album="a")
    assert compose((answer, photo(2, "two"), photo(3))) == "one\n\ntwo\n\n[data]\n> said"


def test_files_without_a_word_are_named() -> None:
    about = File("f", "plan", "text/plain", 3, optional=True)
    parts = (
        MessagePart(1, 100, "", files=(about,)),
        photo(2),
        MessagePart(3, 100, "", files=(File("g", "plan", "x/y", 1),)),
    )
    assert compose(parts) == "📎 photo.jpg 📎 plan"
    assert [file.name for file in gathered(parts)] == ["photo.jpg", "plan", "plan-2"]


def test_nobody_begins_what_may_have_more_parts() -> None:
    assert closes_at((photo(1),), NOON) == NOON + WINDOW
    assert closes_at((text(1),), NOON) == NOON + WINDOW
    assert closes_at((text(1, units=LONG),), NOON) is None
    assert closes_at((text(1), text(2, units=7)), NOON) is None, "the end of it is there"
    assert closes_at((), NOON) is None


def test_an_album_knows_its_own_and_a_text_only_what_comes_at_once() -> None:
    later = NOON + timedelta(minutes=1)
    assert may_join((photo(1),), photo(2), NOON, later)
    assert may_join((text(1),), text(2), NOON, NOON + timedelta(seconds=9))
    assert not may_join((text(1),), text(2), NOON, later)
