"""Markdown as Telegram's entities: telegramify-markdown renders, and nothing that was written gets lost.

Raw HTML and footnotes would not be shown, formulas and what stands between two `||` not as they are. In a chat these
are words that somebody wanted to say: they are escaped, where the same parser finds them, and shown as written.
Where letters are missing all the same, the answer goes out as plain text.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from html import unescape
from itertools import pairwise

import pyromark
from telegramify_markdown import MessageEntity, RenderConfig, convert
from telegramify_markdown.converter import STANDARD_OPTIONS

from chalicelib.domain.telegram_text import Entity, Words

ROUNDS = 20  # of escaping: what is escaped changes what stands beside it
MARKS = (b"<", b"[^", b"$", b"||")
ESCAPED = {"Html": b"<", "InlineHtml": b"<", "InlineMath": b"$", "DisplayMath": b"$"}
KINDS = frozenset(
    {"bold", "italic", "underline", "strikethrough", "code", "pre", "text_link", "blockquote", "spoiler"}
    | {"expandable_blockquote"}
)


def _plain_symbols() -> RenderConfig:
    """The library puts a picture before each heading; ours are bold, and lists have the usual dots."""
    config = RenderConfig.isolated()
    symbols = config.markdown_symbol
    symbols.heading_level_1 = symbols.heading_level_2 = symbols.heading_level_3 = symbols.heading_level_4 = ""
    symbols.unordered_list_item = "•"
    symbols.task_completed, symbols.task_uncompleted = "[x]", "[ ]"
    symbols.image = ""
    return config


CONFIG = _plain_symbols()


def render(markdown: str) -> Words:
    """As a chat shows it. What no renderer understands is said in plain words."""
    source = _escaped(markdown)
    text, found = convert(source, latex_escape=False, config=CONFIG)
    entities = tuple(_entity(entity) for entity in found if entity.type in KINDS and entity.length > 0)
    words = Words(text, entities)
    return words if _says_all(source, words) else Words(markdown.strip())


def _says_all(source: str, words: Words) -> bool:
    """Is every letter there, as text or in the markup, and none besides?"""
    asked, said = _count(source), _count(words.text)
    hidden = _count(" ".join(f"{entity.url or ''} {entity.language or ''}" for entity in words.entities))
    return not (asked - said - hidden or said - asked)


def _count(text: str) -> Counter[str]:
    """Letters and emoji: what is neither markup nor drawn by the renderer."""
    return Counter(char for char in unescape(text) if char.isalpha() or unicodedata.category(char) == "So")


def _entity(entity: MessageEntity) -> Entity:
    return Entity(entity.type, entity.offset, entity.length, entity.url, entity.language)


def _escaped(markdown: str) -> str:
    source = markdown.encode("utf-8", "replace")
    for _ in range(ROUNDS):
        places = sorted(set(_lost(source)), reverse=True)
        if not places:
            break
        for place in places:
            source = source[:place] + b"\\" + source[place:]
    return source.decode()


def _lost(source: bytes) -> Iterator[int]:
    """Where something begins that would not be shown, or not as it was written."""
    if not any(mark in source for mark in MARKS):
        return
    shown_until, depth, code = 0, 0, [(0, 0)]
    for event, span in pyromark.events_with_range(source.decode(), options=STANDARD_OPTIONS):
        start, end = span["start"], span["end"]
        if depth == 0 and start > shown_until:
            yield from _find(source, b"[^", shown_until, start)  # the parser shows nothing of this stretch
        kinds = event.keys() if isinstance(event, dict) else ()
        if mark := next((mark for kind, mark in ESCAPED.items() if kind in kinds), None):
            yield from _find(source, mark, start, end)
        if "Code" in kinds or (isinstance(event, dict) and "CodeBlock" in str(event.get("Start"))):
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
