import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.telegram_text import Entity, Words, split, units
from container.bridge.telegram.markup import render

PIECES = (
    *("word", "가나", "🎉", " ", "    ", "\n", "\n\n", "<b>", "</b>", "<div>\n", "<br>", "<!--", "-->", "&amp;"),
    *("**", "_", "`", "```\n", "- ", "# ", "> ", "1. ", "[a](https://b.c)", "|", "~~", "||", "$", "\\", "[^1]: ", "!"),
)
SAID = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


def letters(text: str) -> str:
    """What remains when all that may be markup is gone."""
    return "".join(letter for letter in text if letter in "word가나🎉")


@given(SAID)
def test_what_arrives_joined_and_stripped_of_markup_is_the_answer(answer: str) -> None:
    rendered = render(answer)
    arrived = "".join(part.text for part in split(rendered, 24))

    # The word behind ``` is the block's language, and what a link points at is no text either.
    hidden = "".join(f"{entity.language or ''}{entity.url or ''}" for entity in rendered.entities)
    if letters(hidden):
        assert set(letters(arrived + hidden)) == set(letters(answer))
    else:
        assert letters(arrived) == letters(answer)


FORMULA = st.text("abc가 +-*_{}^&<>|#=~!.,:;'\"()[]", min_size=1, max_size=20).map(lambda text: f"x{text}y")
FENCES = st.sampled_from([(r"\(", r"\)"), (r"\[", r"\]"), ("\\[\n", "\n\\]"), ("$$", "$$")])


@given(FENCES, FORMULA, st.sampled_from(["", "so ", "- ", "> ", "# "]))
def test_a_formula_arrives_whole(fences: tuple[str, str], formula: str, before: str) -> None:
    whole = f"{fences[0]}{formula}{fences[1]}"
    if "\n" not in whole or not before.strip(" so"):
        assert whole in render(f"{before}{whole} and more").text


BLOCKS = ("```\nx = 1\n```", "> said", "| a |\n|---|\n| b |", "# head", "***")


@given(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=4), st.sampled_from(["- ", "1. ", "> - "]), st.booleans())
def test_no_block_of_a_list_stands_behind_words(blocks: list[str], mark: str, loose: bool) -> None:
    words = "\n\n".join(f"before\n\n{block}\n\nbehind" if loose else f"before\n{block}" for block in blocks)
    indent = "> " * mark.count(">") + " " * (len(mark) - 2 * mark.count(">"))
    text = render(mark + words.replace("\n", f"\n{indent}")).text

    for line in text.splitlines():
        shown = line.lstrip("•1. ")
        assert shown in {"before", "behind", "x = 1", "said", "a", "-", "b", "head", "", "—" * 8}, text


@given(SAID)
def test_markup_never_points_outside_its_text(answer: str) -> None:
    words = render(answer)

    assert all(entity.offset >= 0 and 0 < entity.end <= units(words.text) for entity in words.entities)


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Title", "Title"),
        ("- one\n- two\n\nend", "• one\n• two\n\nend"),
        ("a <b>tag</b>", "a <b>tag</b>"),
        ("<div>\nhello\n</div>\n\nnext", "<div>\nhello\n</div>\n\nnext"),
        ("see [^1]\n\n[^1]: a note", "see [^1]\n\n[^1]: a note"),
        ("$5 and $6, about ~3", "$5 and $6, about ~3"),
        (r"\(x^2\) and \\(no formula\\)", r"\(x^2\) and \(no formula\)"),
        (r"\(a*b*c_d_e\), $a*b*c \{x\}$ and $$a*b*c$$", r"\(a*b*c_d_e\), $a*b*c \{x\}$ and $$a*b*c$$"),
        ("\\[\na &= b \\\\\n- c &= 1. d\n\\]", "\\[\na &= b \\\\\n- c &= 1. d\n\\]"),
        (r"`\(x\)` \(half, \[1\]", r"\(x\) (half, \[1\]"),
        ("- one\n  ```\n  x\n  ```\n- two", "• one\nx\n• two\n"),
        ("- one\n  - `two`\n    ```\n    x\n    ```\n    after", "• one\n  • two\nx\nafter\n"),
        ("1. one\n   > said\n2. **two**\n   | a |\n   |---|\n   | b |", "1. one\nsaid\n2. two\na\n-\nb\n"),
        ("- # head\n  below", "• head\nbelow\n"),
        ("- a\n  <div>x</div>", "• a\n<div>x</div>\n"),
        (r"so $\alpha + b$ or a || b, ||c||", r"so $\alpha + b$ or a || b, ||c||"),
        ("- [x] done\n- [ ] open\n\nend", "[x] done\n[ ] open\n\nend"),
        ("~~~~nothing", "~~~~nothing"),
        ("said\n\n[unused]: https://e.x", "said\n\n[unused]: https://e.x"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a | b\n--+--\n1 | 2"),
        ("   ", ""),
    ],
)
def test_markdown_reads_well_in_a_chat(markdown: str, text: str) -> None:
    assert render(markdown).text == text


def test_emphasis_links_and_code_become_entities() -> None:
    assert render("🎉 **b** [l](https://e.x/a_b)\n\n```python\nx = 1\n```") == Words(
        "🎉 b l\n\nx = 1",
        (
            Entity("bold", 3, 1),
            Entity("text_link", 5, 1, url="https://e.x/a_b"),
            Entity("pre", 8, 5, language="python"),
        ),
    )
