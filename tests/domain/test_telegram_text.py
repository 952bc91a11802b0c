from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.telegram_text import MOST_ENTITIES, Entity, Words, split, tail, units

LETTERS = st.sampled_from(["a", "é", "가", "🎉", " ", "\n", "\n\n", ". ", "👨‍👩‍👧", "🇰🇷", "word ", "\t"])


@st.composite
def marked(draw: st.DrawFn) -> Words:
    text = "".join(draw(st.lists(LETTERS, max_size=60)))
    size = units(text)
    spans = st.tuples(st.integers(0, size), st.integers(1, size + 1), st.sampled_from(["bold", "pre"]))
    kept = [Entity(kind, start, min(length, size - start)) for start, length, kind in draw(st.lists(spans, max_size=6))]
    return Words(text, tuple(entity for entity in kept if entity.length > 0))


def covered(parts: list[Words], kind: str) -> list[bool]:
    """For each character of the parts together, whether it has this markup."""
    found = []
    for part in parts:
        ends = list(accumulate(units(letter) for letter in part.text))
        for end in ends:
            found.append(any(e.kind == kind and e.offset < end <= e.end for e in part.entities))
    return found


@given(marked(), st.integers(8, 40))
def test_the_parts_together_are_the_whole_with_its_markup(words: Words, limit: int) -> None:
    parts = split(words, limit)

    assert all(0 < units(part.text) <= limit and part.text.strip() for part in parts)
    assert "".join("".join(part.text for part in parts).split()) == "".join(words.text.split())
    if "".join(part.text for part in parts) == words.text:  # no blank message was left out
        for kind in ("bold", "pre"):
            assert covered(parts, kind) == covered([words], kind)


@given(marked(), st.integers(8, 40))
def test_markup_stays_within_its_message(words: Words, limit: int) -> None:
    for part in split(words, limit):
        assert all(entity.offset >= 0 and 0 < entity.end <= units(part.text) for entity in part.entities)


def test_a_short_text_stays_one_message() -> None:
    assert split(Words("Hello")) == [Words("Hello")]
    assert split(Words(" \n ")) == []


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One two.\n\nThree four five", "One two.\n\n"),
        ("One two three\nfour five six", "One two three\n"),
        ("One two. Three four five six", "One two. "),
        ("하나 둘\u3002셋 넷 다섯 여섯 일곱 여덟 아홉 열 하나", "하나 둘\u3002"),
        ("Onetwothree fourfivesixseven", "Onetwothree "),
        ("x" * 30, "x" * 15),
    ],
)
def test_a_text_is_cut_at_a_sensible_place(text: str, first: str) -> None:
    limit = {"하": 9}.get(text[0], 15)

    assert split(Words(text), limit)[0].text == first


def test_an_emoji_at_the_cut_stays_whole() -> None:
    assert split(Words("x" * 4095 + "🎉🎉"))[0].text == "x" * 4095
    assert split(Words("👨‍👩‍👧" * 3), 10)[0].text == "👨‍👩‍👧"
    assert split(Words("🇰🇷🇰🇷🇰🇷"), 6)[0].text == "🇰🇷"
    assert split(Words("e\u0301" * 4), 3)[0].text == "e\u0301"


def test_a_character_longer_than_a_message_is_cut_all_the_same() -> None:
    assert "".join(part.text for part in split(Words("a" + "\u0301" * 30), 8)) == "a" + "\u0301" * 30


def test_a_block_of_code_that_fits_is_kept_whole() -> None:
    text = "Look:\n" + "x = 1\n" * 3

    first, second = split(Words(text, (Entity("pre", 6, 18, language="python"),)), 20)

    assert first.text == "Look:\n"
    assert second == Words("x = 1\n" * 3, (Entity("pre", 0, 18, language="python"),))


def test_a_longer_block_is_cut_at_lines_and_opened_again() -> None:
    text = "abcde f. g\n" * 6

    parts = split(Words(text, (Entity("pre", 0, 66, language="python"),)), 30)

    assert [part.text for part in parts] == ["abcde f. g\n" * 2] * 3
    assert {part.entities for part in parts} == {(Entity("pre", 0, 22, language="python"),)}


def test_more_markup_than_a_message_may_have_needs_another_message() -> None:
    text = "ab " * 250
    entities = tuple(Entity("bold", 3 * at, 2) for at in range(250))

    parts = split(Words(text, entities))

    assert [len(part.entities) for part in parts] == [MOST_ENTITIES, MOST_ENTITIES, 50]
    assert parts[0].plain == Words(parts[0].text)


def test_a_growing_text_shows_its_end() -> None:
    assert tail("short") == "short"
    assert tail("x" * 5000) == "… " + "x" * 4094
    shown = tail("🎉" * 5000)
    assert units(shown) <= 4096
    assert set(shown) == {"…", " ", "🎉"}
