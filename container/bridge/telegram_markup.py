"""Markdown as Telegram's entities: telegramify-markdown renders, and nothing that was written gets lost.

Markdown drops raw HTML from what it shows, and footnotes that nobody refers to. In a chat these are words that
somebody wanted to say: they are escaped, at the places where the same parser finds them, and shown as written.
Where letters are missing all the same, the answer goes out as plain text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Any

import pyromark
from telegramify_markdown import MessageEntity, RenderConfig, convert
from telegramify_markdown.converter import STANDARD_OPTIONS

from chalicelib.domain.telegram_text import Entity, Words

SPOILER = "tg-spoiler"  # what the library writes between two `||`, and sometimes leaves there
ROUNDS = 20  # of escaping: what is escaped changes what stands beside it
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
    """Is every letter there, as text or in the markup, and none besides? Formulas are drawn with other letters."""
    asked, formulas = _count(source), _count(_formulas(source))
    said = _count(words.text)
    hidden = _count(" ".join(f"{entity.url or ''} {entity.language or ''}" for entity in words.entities))
    added = SPOILER in words.text and SPOILER not in source if formulas else bool(said - asked)
    return not (asked - formulas - said - hidden or added)


def _formulas(source: str) -> str:
    if "$" not in source:
        return ""
    data = source.encode()
    events = pyromark.events_with_range(source, options=STANDARD_OPTIONS)
    spans = [span for event, span in events if isinstance(event, dict) and event.keys() & {"InlineMath", "DisplayMath"}]
    return "".join(data[span["start"] : span["end"]].decode() for span in spans)


def _count(text: str) -> Counter[str]:
    return Counter(letter for letter in unescape(text) if letter.isalpha())


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
    """Where something begins that would not be shown."""
    if b"<" not in source and b"[^" not in source:
        return
    shown_until, depth = 0, 0
    for event, span in pyromark.events_with_range(source.decode(), options=STANDARD_OPTIONS):
        start, end = span["start"], span["end"]
        if depth == 0 and start > shown_until:
            yield from _footnotes(source, shown_until, start)
        if isinstance(event, dict) and ("Html" in event or "InlineHtml" in event):
            yield from (place for place in range(start, end) if source[place : place + 1] == b"<")
        depth += _step(event)
        shown_until = max(shown_until, end)
    yield from _footnotes(source, shown_until, len(source))


def _step(event: Any) -> int:
    return ("Start" in event) - ("End" in event) if isinstance(event, dict) else 0


def _footnotes(source: bytes, start: int, end: int) -> Iterator[int]:
    """In a stretch of which the parser shows nothing."""
    place = source.find(b"[^", start, end)
    while place >= 0:
        yield place
        place = source.find(b"[^", place + 2, end)
