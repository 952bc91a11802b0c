"""What is looked for, and the part of a text that shows it."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.search import Cursor, excerpt, read_cursor, read_words
from chalicelib.errors import InvalidMessage

TALK = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize(
    ("words", "text", "shown"),
    [
        ("seoul", "It rains in Seoul.", "It rains in Seoul."),
        ("seoul rain", "It rains in Seoul.", "It rains in Seoul."),
        ("seoul snow", "It rains in Seoul.", None),
        ("날씨", "서울의 날씨는 어때요?", "서울의 날씨는 어때요?"),
        (unicodedata.normalize("NFD", "날씨"), "서울의 날씨는", "서울의 날씨는"),
        ("날씨", unicodedata.normalize("NFD", "서울의 날씨는"), "서울의 날씨는"),
        ("straße", "Die STRASSE", None),
        ("(.*)", "a regular (.*) expression", "a regular (.*) expression"),
        ("b", "a\n\n  b\tc", "a b c"),
    ],
)
def test_all_words_in_any_case_and_order(words: str, text: str, shown: str | None) -> None:
    assert excerpt(read_words(words), text) == shown


def test_the_part_that_is_shown_begins_with_a_word_before_the_first_match_and_says_where_it_is_cut() -> None:
    text = f"{'before ' * 50}needle {'behind ' * 50}"
    shown = excerpt(read_words("needle"), text)
    assert shown is not None
    assert shown.startswith("…before before")
    assert shown.endswith("…")
    assert "needle" in shown
    assert len(shown) <= 162


def test_a_word_in_a_long_one_is_shown() -> None:
    shown = excerpt(read_words("needle"), f"{'x' * 500}needle{'y' * 500}")
    assert shown is not None
    assert "needle" in shown


@pytest.mark.parametrize("text", ["", " \n ", "x" * 201, "a b c d e f g h i j k"])
def test_nothing_and_too_much_is_refused(text: str) -> None:
    with pytest.raises(InvalidMessage, match="wanted 1 to 10 words"):
        read_words(text)


@pytest.mark.parametrize("seq", [None, 0, 17])
def test_a_cursor_survives_the_wire(seq: int | None) -> None:
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    cursor = Cursor(noon + timedelta(minutes=1), noon, TALK, seq)
    assert read_cursor(cursor.text) == cursor


MOMENT = "2026-01-01T12:00:00.000Z"


@pytest.mark.parametrize(
    "mark",
    [
        *("", "x", f"{MOMENT}_{TALK}_", f"{MOMENT}_2026-13-01T12:00:00.000Z_{TALK}_", f"{MOMENT}_{MOMENT}_{TALK}_x"),
        f"{MOMENT}_2026-01-01T12:00:00.000000_{TALK}_",  # no zone
    ],
)
def test_what_is_no_cursor_is_refused(mark: str) -> None:
    with pytest.raises(InvalidMessage, match="after is"):
        read_cursor(mark)
