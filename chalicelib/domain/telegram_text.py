"""What a bot may say in one message: 4,096 UTF-16 units with their markup, and how a longer text is cut.

Markup is a list of entities whose offsets count UTF-16 units. https://core.telegram.org/bots/api#messageentity
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile

LIMIT = 4096
MOST_ENTITIES = 100  # Telegram ignores the others
BLOCKS = frozenset({"pre"})
# paragraph, line, sentence, word
ENDS = (("\n\n",), ("\n",), (". ", "! ", "? ", "… ", "\u3002", "\uff01", "\uff1f"), (" ",))
ENOUGH = 0.5  # of a message, before it may end at a better place than the last word
LAST_SINGLE = "\uffff"  # letters behind it take two units
JOINERS = frozenset("\u200d\ufe0e\ufe0f\u20e3")
SKINS = range(0x1F3FB, 0x1F400)
FLAGS = range(0x1F1E6, 0x1F200)


@dataclass(frozen=True)
class Entity:
    kind: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None

    @property
    def end(self) -> int:
        return self.offset + self.length


@dataclass(frozen=True)
class Words:
    """A text and its markup."""

    text: str
    entities: tuple[Entity, ...] = ()

    @property
    def plain(self) -> Words:
        return Words(self.text)


def join(*words: Words) -> Words:
    """One behind the other, with an empty line between them."""
    text, entities = "", tuple[Entity, ...]()
    for each in words:
        offset = units(text) + 2 if text else 0
        entities += tuple(replace(entity, offset=entity.offset + offset) for entity in each.entities)
        text = f"{text}\n\n{each.text}" if text else each.text
    return Words(text, entities)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(words: Words, limit: int = LIMIT) -> list[Words]:
    """Messages that together say the same; none of them is blank, and no character is cut."""
    places = _Places(words, limit)
    return [part for start, end in places.ranges() if (part := places.clip(start, end)).text.strip()]


def tail(text: str, limit: int = LIMIT) -> str:
    """The end of a text that grows, as much as a message holds."""
    if units(text) <= limit:
        return text
    room = limit - 2
    kept = text[-room:]
    while (excess := units(kept) - room) > 0:
        kept = kept[(excess + 1) // 2 :]  # a character has two units at most
    return f"… {kept}"


class _Places:
    """Where one text may be cut. Indexes count characters, offsets count units."""

    def __init__(self, words: Words, limit: int) -> None:
        self.text, self.limit = words.text, limit
        self.entities = sorted(words.entities, key=lambda entity: (entity.offset, -entity.length))
        self.starts = [entity.offset for entity in self.entities]
        sizes = (1 + (char > LAST_SINGLE) for char in words.text)
        self.offsets = [0, *accumulate(sizes)]

    def ranges(self) -> Iterator[tuple[int, int]]:
        start = 0
        while start < len(self.text):
            end = self._end(start)
            yield start, end
            start = end

    def clip(self, start: int, end: int) -> Words:
        low, high = self.offsets[start], self.offsets[end]
        kept = [entity for entity in self.entities if entity.offset < high and entity.end > low]
        cut = (_clip(entity, low, high) for entity in kept[:MOST_ENTITIES])
        return Words(self.text[start:end], tuple(cut))

    def _end(self, start: int) -> int:
        last = self._last(start)
        if last == len(self.text):
            return last
        block = self._block(last)
        if block and start < block[0] and self.offsets[block[1]] - self.offsets[block[0]] <= self.limit:
            return block[0]  # a block that fits a message of its own stays whole
        ends = ENDS[1:2] if block else ENDS
        return self._good(start, last, ends) or self._whole(start, last)

    def _last(self, start: int) -> int:
        """The furthest end that units and entities allow."""
        last = bisect_right(self.offsets, self.offsets[start] + self.limit) - 1
        first = bisect_left(self.starts, self.offsets[start])
        if first + MOST_ENTITIES < len(self.starts):
            last = min(last, bisect_left(self.offsets, self.starts[first + MOST_ENTITIES]))
        return max(last, start + 1)

    def _block(self, at: int) -> tuple[int, int] | None:
        """The code block around a place."""
        offset = self.offsets[at]
        for entity in self.entities:
            if entity.kind in BLOCKS and entity.offset < offset < entity.end:
                return bisect_left(self.offsets, entity.offset), bisect_left(self.offsets, entity.end)
        return None

    def _good(self, start: int, last: int, ends: Sequence[tuple[str, ...]]) -> int | None:
        enough = start + int((last - start) * ENOUGH)
        for marks in ends:
            found = max(self._after(mark, enough, last) for mark in marks)
            if found > enough:
                return found
        return None

    def _after(self, mark: str, low: int, high: int) -> int:
        at = self.text.rfind(mark, low, high)
        return at + len(mark) if at >= 0 else -1

    def _whole(self, start: int, last: int) -> int:
        """Not between a letter and its accent, nor inside a family or a flag."""
        at = last
        while at > start + 1 and self._joined(at):
            at -= 1
        return at if at > start + 1 or not self._joined(at) else last

    def _joined(self, at: int) -> bool:
        before, here = self.text[at - 1], self.text[at]
        if here in JOINERS or before == "\u200d" or ord(here) in SKINS or unicodedata.combining(here):
            return True
        if ord(here) not in FLAGS:
            return False
        run = takewhile(lambda char: ord(char) in FLAGS, reversed(self.text[max(0, at - 64) : at]))
        return sum(1 for _ in run) % 2 == 1


def _clip(entity: Entity, low: int, high: int) -> Entity:
    start, end = max(entity.offset, low), min(entity.end, high)
    return replace(entity, offset=start - low, length=end - start)
