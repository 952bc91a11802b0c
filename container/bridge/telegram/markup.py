"""Markdown as Telegram's entities: telegramify-markdown renders, and nothing that was written gets lost.

Where letters are missing all the same, the answer goes out as plain text.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from html import unescape

from telegramify_markdown import MessageEntity, RenderConfig, convert

from chalicelib.domain.telegram_text import Entity, Words
from container.bridge.telegram.links import show_targets
from container.bridge.telegram.source import rewrite

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
    source = rewrite(markdown)
    text, found = convert(source, latex_escape=False, config=CONFIG)
    entities = tuple(_entity(entity) for entity in found if entity.type in KINDS and entity.length > 0)
    words = Words(text, entities)
    return show_targets(words) if _says_all(source, words) else Words(markdown.strip())


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
