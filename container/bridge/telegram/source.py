"""Markdown rewritten, so that the renderer shows every part of it as it was written.

The renderer leaves out raw HTML and footnotes, and takes formulas and what stands between two `||` apart: these are
escaped, where the same parser finds them. It puts a block in a list behind the words before it: there a line break
is written as an entity, which is text to the parser.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, pairwise, zip_longest
from typing import Any

import pyromark
from telegramify_markdown.converter import STANDARD_OPTIONS

ROUNDS = 20  # of rewriting: what is escaped changes what stands beside it
MARKS = (b"<", b"[^", b"$", b"||")
LISTS = re.compile(rb"^[\s>]*([-+*]|\d+[.)])\s", re.MULTILINE)
HTML = ("Html", "InlineHtml")
MATH = ("InlineMath", "DisplayMath")
PUNCTUATION = frozenset(string.punctuation.encode())
BREAK = b"&#10;"
# Brackets of formulas; what no formula goes across, an empty line or code.
BRACKETS = re.compile(rb"(?<!\\)\\[()\[\]]|(?<![\\$])\$\$(?!\$)|\n[ \t>]*\n|\0")
CLOSING = {rb"\(": rb"\)", rb"\[": rb"\]", b"$$": b"$$"}
CLOSED = ("CodeBlock", "Table")  # the renderer keeps their words for itself until they end
BLOCKS = (*CLOSED, "BlockQuote", "Heading", "Rule")
Insertion = tuple[int, bytes]
Node = Any  # an event of the parser: a name, or one name with what belongs to it


def rewrite(markdown: str) -> str:
    source = _added(markdown.encode("utf-8", "replace"), _formulas)
    for _ in range(ROUNDS):
        before, source = source, _added(source, _insertions)
        if source == before:
            break
    return source.decode()


def _added(source: bytes, find: Callable[[bytes], Iterator[Insertion]]) -> bytes:
    places = sorted(set(find(source)))
    bounds = [0, *(place for place, _ in places), len(source)]
    parts = [source[start:end] for start, end in pairwise(bounds)]
    return b"".join(chain(*zip_longest(parts, (added for _, added in places), fillvalue=b"")))


def _insertions(source: bytes) -> Iterator[Insertion]:
    if not any(mark in source for mark in MARKS) and not LISTS.search(source):
        return
    events = _parse(source)
    lost = set(_lost(source, events))
    yield from ((place, b"\\") for place in lost) if lost else _broken(source, events)


def _parse(source: bytes) -> list[tuple[Node, int, int]]:
    found = pyromark.events_with_range(source.decode(), options=STANDARD_OPTIONS)
    return [(event, span["start"], span["end"]) for event, span in found]


def _lost(source: bytes, events: list[tuple[Node, int, int]]) -> Iterator[int]:
    """Where something begins that would not be shown, or not as it was written."""
    shown_until, depth, code = 0, 0, [(0, 0)]
    for event, start, end in events:
        if depth == 0 and start > shown_until:
            yield from _find(source, b"[^", shown_until, start)  # the parser shows nothing of this stretch
        kinds = event.keys() if isinstance(event, dict) else ()
        if any(kind in kinds for kind in HTML):
            yield from _find(source, b"<", start, end)
        if any(kind in kinds for kind in MATH):
            yield from _whole(source, start, end)
        if _is_code(event):
            code.append((start, end))
        depth += ("Start" in kinds) - ("End" in kinds)
        shown_until = max(shown_until, end)
    yield from _find(source, b"[^", shown_until, len(source))
    for (_, after), (before, _) in pairwise([*code, (len(source), len(source))]):
        yield from _find(source, b"||", after, before)


def _find(source: bytes, mark: bytes, start: int, end: int) -> Iterator[int]:
    """All places of a mark that is not escaped."""
    place = source.find(mark, start, end)
    while place >= 0:
        if source[place - 1 : place] != b"\\":
            yield place
        place = source.find(mark, place + 1, end)


def _whole(source: bytes, start: int, end: int) -> Iterator[int]:
    """A formula: each sign in it is what it is."""
    return (place for place in range(start, end) if source[place] in PUNCTUATION)


def _is_code(event: Node) -> bool:
    return _name(event) in ("Code", "CodeBlock")


def _formulas(source: bytes) -> Iterator[Insertion]:
    r"""What stands between `\(` and `\)`, or `\[` and `\]`, or two `$$`."""
    if not any(mark in source for mark in CLOSING.values()):
        return
    masked = bytearray(source.replace(b"\0", b" "))
    for event, start, end in _parse(source):
        if _is_code(event):
            masked[start:end] = bytes(end - start)
    begun: dict[bytes, int] = {}  # where each kind of them was opened
    for found in BRACKETS.finditer(masked):
        if found[0] in begun:
            places = _whole(source, begun.pop(found[0]), found.end())
            yield from ((place, b"\\") for place in places)
        elif found[0] in CLOSING:
            begun.setdefault(CLOSING[found[0]], found.start())
        elif found[0][:1] in (b"\n", b"\0"):
            begun.clear()


def _name(event: Node) -> str:
    """Of what begins or ends here, or of what stands here."""
    inner = event.get("Start", event.get("End")) if isinstance(event, Mapping) else event
    if isinstance(inner, Mapping):
        return str(next(iter(inner)))
    return str(inner if inner is not None else next(iter(event)))


@dataclass
class _Line:
    """What the renderer has put on the present line of a list."""

    lists: int = 0
    closed: int = 0  # how deep in blocks whose words are not on it
    words_until: int | None = None
    behind_block: bool = False
    breaks: list[int] = field(default_factory=list)

    def begin(self) -> None:
        self.words_until, self.behind_block = None, False


def _broken(source: bytes, events: list[tuple[Node, int, int]]) -> Iterator[Insertion]:
    """Where a block in a list would stand behind words, or words behind a block."""
    line = _Line()
    for event, start, end in events:
        name, kinds = _name(event), event.keys() if isinstance(event, Mapping) else ()
        if name in ("List", "Item"):
            line.lists += (name == "List") * (("Start" in kinds) - ("End" in kinds))
            line.begin()
        elif name in BLOCKS:
            line.closed += (name in CLOSED) * (("Start" in kinds) - ("End" in kinds))
            _pass(line, begins="End" not in kinds, ends="Start" not in kinds)
        elif name == "Paragraph":
            line.words_until = None  # behind one in a list the renderer breaks the line itself
        elif name != "TaskListMarker" and not line.closed and line.lists:
            if line.behind_block:
                line.breaks.append(start)
            line.words_until, line.behind_block = end, False
    yield from ((place, BREAK) for place in line.breaks if not _is_there(source, place))


def _pass(line: _Line, *, begins: bool, ends: bool) -> None:
    if begins and line.words_until is not None:
        line.breaks.append(line.words_until)
    line.words_until, line.behind_block = None, ends and line.lists > 0


def _is_there(source: bytes, place: int) -> bool:
    return source[place : place + len(BREAK)] == BREAK or source[:place].endswith(BREAK)
