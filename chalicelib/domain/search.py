"""Search: the words that somebody looks for, whether a text has all of them, and the part of it that shows them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.times import from_text, to_text
from chalicelib.errors import InvalidMessage

LONGEST = 200  # characters of what is looked for
BEFORE, EXCERPT = 40, 160  # characters of the part that is shown
WRITTEN = re.compile(r"([0-9TZ:.-]{20,32})_([0-9a-f-]{36})_(\d{1,12})?")


@dataclass(frozen=True)
class Hit:
    """An entry whose text has all the words; without a `seq` it is the conversation, by its title."""

    conversation_id: str
    title: str
    at: datetime
    excerpt: str = ""
    seq: int | None = None
    role: str = ""


@dataclass(frozen=True)
class Cursor:
    """Where a search goes on: at this entry, or at the title, of the conversation that was last used then."""

    at: datetime
    conversation_id: str
    seq: int | None = None

    @property
    def text(self) -> str:
        return f"{to_text(self.at)}_{self.conversation_id}_{'' if self.seq is None else self.seq}"


def read_cursor(text: str) -> Cursor:
    """Raises InvalidMessage."""
    parts = WRITTEN.fullmatch(text)
    try:
        if parts:
            return Cursor(from_text(parts[1]), parts[2], int(parts[3]) if parts[3] else None)
    except ValueError:
        pass
    raise InvalidMessage(f"after is {text[:40]!r}, wanted what the page before has given")


def read_words(text: str) -> tuple[re.Pattern[str], ...]:
    """What is looked for: words between blanks, in any order, whatever their case. Raises InvalidMessage."""
    words = dict.fromkeys(composed(text).split())
    if not words or len(text) > LONGEST:
        raise InvalidMessage(f"q has {len(text)} characters, wanted words of 1 to {LONGEST} together")
    return tuple(re.compile(re.escape(word), re.IGNORECASE) for word in words)


def composed(text: str) -> str:
    """A letter is one character, as keyboards write it; some systems take Korean ones apart."""
    return unicodedata.normalize("NFC", text)


def excerpt(words: Sequence[re.Pattern[str]], text: str) -> str | None:
    """One line around the first of the words in `text`; None where one of them is not there."""
    whole = composed(text)
    found = [word.search(whole) for word in words]
    starts = [match.start() for match in found if match]
    if len(starts) < len(words):
        return None
    first = min(starts)
    begin = _word_begin(whole, max(0, first - BEFORE), first)
    part = " ".join(whole[begin : begin + EXCERPT].split())
    return f"{'…' * bool(begin)}{part}{'…' * (begin + EXCERPT < len(whole))}"


def _word_begin(text: str, begin: int, first: int) -> int:
    """The next word behind `begin` that is not behind `first`, unless there is none."""
    blank = re.compile(r"\s\S").search(text, begin, first) if begin else None
    return blank.end() - 1 if blank else begin
