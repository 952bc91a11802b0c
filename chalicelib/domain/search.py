"""Search: the words that somebody looks for, whether a text has all of them, and the part of it that shows them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.times import from_text, to_text
from chalicelib.errors import InvalidMessage

LONGEST, MOST_WORDS = 200, 10  # characters, and words, of what is looked for
BEFORE, EXCERPT = 40, 160  # characters of the part that is shown
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
WRITTEN = re.compile(rf"({TIME})_({TIME})_([0-9a-f-]{{36}})_(\d{{1,12}})?")


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
    """Where a search goes on: at this entry, or at the title, of the conversation that was last used `at` then.

    `begun`: when the search began. What has been used since is looked at from the beginning, whatever it was before.
    """

    begun: datetime
    at: datetime
    conversation_id: str
    seq: int | None = None

    @property
    def text(self) -> str:
        return f"{to_text(self.begun)}_{to_text(self.at)}_{self.conversation_id}_{'' if self.seq is None else self.seq}"


def read_cursor(text: str) -> Cursor:
    """Raises InvalidMessage."""
    parts = WRITTEN.fullmatch(text)
    try:
        if parts:
            seq = int(parts[4]) if parts[4] else None
            return Cursor(from_text(parts[1]), from_text(parts[2]), parts[3], seq)
    except ValueError:
        pass
    raise InvalidMessage(f"after is {text[:40]!r}, wanted what the page before has given")


def read_words(text: str) -> tuple[re.Pattern[str], ...]:
    """What is looked for: words between blanks, in any order, whatever their case. Raises InvalidMessage."""
    words = dict.fromkeys(composed(text).split())
    if not 0 < len(words) <= MOST_WORDS or len(text) > LONGEST:
        raise InvalidMessage(f"q is {text[:40]!r}, wanted 1 to {MOST_WORDS} words of {LONGEST} characters together")
    rarest = sorted(words, key=len, reverse=True)  # the first that is not there ends the look at a text
    return tuple(re.compile(re.escape(word), re.IGNORECASE) for word in rarest)


def composed(text: str) -> str:
    """A letter is one character, as keyboards write it; some systems take Korean ones apart."""
    return unicodedata.normalize("NFC", text)


def excerpt(words: Sequence[re.Pattern[str]], text: str) -> str | None:
    """One line around the first of the words in `text`; None where one of them is not there."""
    whole = composed(text)
    starts = []
    for word in words:
        if (found := word.search(whole)) is None:
            return None
        starts.append(found.start())
    first = min(starts)
    begin = _word_begin(whole, max(0, first - BEFORE), first)
    part = " ".join(whole[begin : begin + EXCERPT].split())
    return f"{'…' * bool(begin)}{part}{'…' * (begin + EXCERPT < len(whole))}"


def _word_begin(text: str, begin: int, first: int) -> int:
    """The next word behind `begin` that is not behind `first`, unless there is none."""
    blank = re.compile(r"\s\S").search(text, begin, first) if begin else None
    return blank.end() - 1 if blank else begin
