"""The markup of a text that somebody sent, in the form in which a model reads it.

What a mark says about the text becomes Markdown in place: code, quotes, spoilers, what is struck out. What is not in
the text at all, such as where a link points, becomes a line of its own: somebody else may have chosen it.
Offsets count UTF-16 units and may be wrong. https://core.telegram.org/bots/api#messageentity
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from chalicelib.domain.telegram_fields import mapping, number, string
from chalicelib.domain.text import one_line

SINGLE = "\uffff"  # characters behind it take two units
AROUND = {"spoiler": "||", "strikethrough": "~~"}
QUOTES = ("blockquote", "expandable_blockquote")
CODE = ("code", "pre")
KINDS = (*AROUND, *QUOTES, *CODE)
LANGUAGE = re.compile(r"[\w+#.-]{1,32}")
COVERED = 60  # characters of the text that a fact is about


@dataclass
class Mark:
    """A stretch of text, counted in characters, and the marks inside it."""

    start: int
    end: int
    kind: str
    fields: Mapping[str, Any]
    inner: list[Mark] = field(default_factory=list)


def read_marks(text: str, entities: object) -> list[Mark]:
    """All that lie in the text at least in part, from the first to the last, the longer one before what is in it."""
    offsets = [0, *accumulate(1 + (char > SINGLE) for char in text)]
    listed = entities if isinstance(entities, list) else []
    found = (_read_mark(mapping(each), offsets) for each in listed)
    return sorted((mark for mark in found if mark.start < mark.end), key=lambda mark: (mark.start, -mark.end))


def _read_mark(entity: Mapping[str, Any], offsets: list[int]) -> Mark:
    offset, length = number(entity.get("offset"), -1), number(entity.get("length"))
    if offset < 0 or length <= 0:
        return Mark(0, 0, "", {})
    last = len(offsets) - 1
    start, end = (min(bisect_left(offsets, place), last) for place in (offset, offset + length))
    return Mark(start, end, string(entity.get("type")), entity)


def to_markdown(text: str, marks: list[Mark]) -> str:
    """The text with its marks. Marks that cross each other end where the outer one does."""
    root = Mark(0, len(text), "", {})
    open_marks = [root]
    for mark in marks:
        if mark.kind not in KINDS:
            continue
        while open_marks[-1].end <= mark.start:
            open_marks.pop()
        outer = open_marks[-1]
        if outer.kind not in CODE and not _repeats(mark, open_marks):
            inside = Mark(mark.start, min(mark.end, outer.end), mark.kind, mark.fields)
            outer.inner.append(inside)
            open_marks.append(inside)
    return _draw(text, root)


def _repeats(mark: Mark, around: list[Mark]) -> bool:
    """Struck out twice is struck out."""
    return any(each.kind == mark.kind or (each.kind in QUOTES and mark.kind in QUOTES) for each in around)


def _draw(text: str, mark: Mark) -> str:
    drawn, place = "", mark.start
    for inner in mark.inner:
        drawn += text[place : inner.start]
        piece, place = _dress(_draw(text, inner), inner), inner.end
        if inner.kind in (*QUOTES, "pre"):  # on lines of its own
            drawn = drawn if not drawn or drawn.endswith("\n") else f"{drawn}\n"
            piece = piece if text[place : place + 1] in ("", "\n") else f"{piece}\n"
        drawn += piece
    return drawn + text[place : mark.end]


def _dress(text: str, mark: Mark) -> str:
    if mark.kind in QUOTES:
        return quote(text)
    if mark.kind == "pre":
        language = string(mark.fields.get("language"))
        fence = "`" * max(3, _longest_ticks(text) + 1)
        return f"{fence}{language if LANGUAGE.fullmatch(language) else ''}\n{text.strip(chr(10))}\n{fence}"
    if mark.kind == "code":
        ticks, room = "`" * (_longest_ticks(text) + 1), " " if "`" in text else ""
        return f"{ticks}{room}{text}{room}{ticks}"
    around = AROUND[mark.kind]
    return f"{around}{text}{around}"


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def quote(text: str) -> str:
    """Each line behind a mark. Whatever the text says, none of its lines can be taken for one of ours."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def hidden(text: str, marks: list[Mark]) -> Iterator[str]:
    """What the marks know and the text does not show: targets of links, people's numbers, kinds of emoji."""
    for mark in marks:
        covered = one_line(text[mark.start : mark.end], COVERED)
        if mark.kind == "text_link":
            yield f"[{covered}] → {address(mark.fields.get('url'))}"
        elif mark.kind == "text_mention":
            yield f"[{covered}] = {person(mapping(mark.fields.get('user')))}"
        elif mark.kind == "custom_emoji":
            yield f"{covered} = custom emoji {one_line(string(mark.fields.get('custom_emoji_id')))}"


def address(value: object) -> str:
    """A URL on one line, as it is."""
    return "".join(char for char in string(value) if char.isprintable() and not char.isspace())


def person(fields: Mapping[str, Any]) -> str:
    """A user or a chat, by name and number."""
    names = (fields.get("title"), fields.get("first_name"), fields.get("last_name"))
    name = one_line(" ".join(filter(None, map(string, names)))).translate({ord("“"): '"', ord("”"): '"'})
    username, known = one_line(string(fields.get("username"))), number(fields.get("id"))
    facts = ", ".join(filter(None, (f"@{username}" if username else "", f"id {known}" if known else "")))
    return f"“{name or '?'}”{f' ({facts})' if facts else ''}"
