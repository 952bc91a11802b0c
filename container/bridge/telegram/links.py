"""Links whose words name an address that is not theirs: a chat shows beside them where they lead.

A chat's program asks before it opens a link, but shows nothing of it in the text. What has a name before its host
(`https://bank@elsewhere`) is no link at all.
"""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from chalicelib.domain.telegram_text import Entity, Words, units

LINK = "text_link"
LIKE_ADDRESS = re.compile(r"://|\bwww\.|[^\W_][\w-]*\.[^\W\d_]{2,}", re.IGNORECASE)
SCHEME = re.compile(r"^https?://", re.IGNORECASE)
UNCLEAR = re.compile(r"[\s\u0590-\u08ff\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufb1d-\ufdff\ufe70-\ufeff]")
SHOWN = 200  # letters of an address; its host comes first


def show_targets(words: Words) -> Words:
    """From the last link to the first, so that what is added moves none that is still to come."""
    links = [entity for entity in words.entities if entity.kind == LINK and entity.url]
    for entity in sorted(links, key=lambda each: each.offset, reverse=True):
        words = _show(words, entity, _target(str(entity.url)))
    return words


def _show(words: Words, link: Entity, target: SplitResult | None) -> Words:
    said = _cut(words.text, link.offset, link.end)
    if target is None:
        entities = tuple(each for each in words.entities if each is not link)
        plain = Words(words.text, entities)
        return plain if said == link.url else _insert(plain, link.end, f" ({_short(str(link.url))})")
    if _names(said, target) or not LIKE_ADDRESS.search(said):
        return words
    return _insert(words, link.end, f" ({_short(target.geturl())})")


def _target(url: str) -> SplitResult | None:
    """As a browser asks for it: the host's name in ASCII. None for what is only there to mislead."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if "@" in parts.netloc or "\\" in parts.netloc:
        return None
    return parts._replace(netloc=_ascii(host) + (f":{port}" if port else ""))


def _ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def _names(said: str, target: SplitResult) -> bool:
    """Is it the address itself, or does it begin as that does?"""
    named = re.split(r"[/?#]", SCHEME.sub("", said), maxsplit=1)[0]
    return not UNCLEAR.search(said) and named.isascii() and named.lower() == target.netloc


def _short(address: str) -> str:
    return address if len(address) <= SHOWN else f"{address[:SHOWN]}…"


def _cut(text: str, start: int, end: int) -> str:
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")


def _insert(words: Words, place: int, added: str) -> Words:
    """What goes across the place grows, what comes behind it moves."""
    size = units(added)
    text = _cut(words.text, 0, place) + added + _cut(words.text, place, units(words.text))
    return Words(text, tuple(_moved(each, place, size) for each in words.entities))


def _moved(entity: Entity, place: int, size: int) -> Entity:
    if entity.offset >= place:
        return replace(entity, offset=entity.offset + size)
    return replace(entity, length=entity.length + size) if entity.end > place else entity
