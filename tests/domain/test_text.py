import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.text import clean, guess_language, is_empty, one_line

FAMILY = "👩‍👩‍👧"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "\0",
        "\ufeff",
        "\u200b",
        "\u200b\u200d\u2060\ufeff",
        "\u3164",
        "\u2800",
        "\U000e0041",
        "\u202e",
        "\x85",
    ],
)
def test_what_nobody_can_read_is_empty(text: str) -> None:
    assert is_empty(text)
    assert is_empty(clean(text))


@pytest.mark.parametrize("text", ["a", "0", "가", "\u0301", FAMILY, "\u200b.\u200b", "\ufffd", "\u0600"])
def test_what_somebody_can_read_is_not(text: str) -> None:
    assert not is_empty(text)
    assert clean(text) == text


@given(st.text(st.characters(exclude_categories=()), max_size=20))
def test_what_is_clean_can_be_kept_and_stays_as_it_is(text: str) -> None:
    assert clean(text).encode().decode() == clean(text)
    assert clean(clean(text)) == clean(text)
    assert not set(clean(text)) & {"\0", "\x1b", "\x7f", "\ufeff"}


def test_what_is_read_keeps_its_lines_and_joiners() -> None:
    assert clean(f"a\tb\r\n{FAMILY}\u2028c") == f"a\tb\r\n{FAMILY}\u2028c"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada  Lovelace", "Ada Lovelace"),
        ("a\nb\u2028c\x85d\0e", "a b c d e"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("שלום", "שלום"),
        ("\ud83d", "\ufffd"),
        ("x" * 100, "x" * 79 + "…"),
    ],
)
def test_a_name_is_one_line_of_what_can_be_seen(name: str, shown: str) -> None:
    assert one_line(name) == shown


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "en"),
        ("Draw", "en"),
        ("Make them and call one 표.csv, please", "en"),
        ("그려 줘", "ko"),
        ("README.md 그려 줘", "ko"),
        ("🎉", "en"),
    ],
)
def test_the_language_of_a_text_is_that_of_most_of_it(text: str, language: str) -> None:
    assert guess_language(text) == language
