"""What an app has cut or spread over several messages is one message: an album, a text that was too long for one.

The first part is a message like any other, except that nobody works on it for a moment. A part that comes while
nobody has begun becomes part of it; one that comes later is a message of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, pairwise

from chalicelib.domain.attachment import MOST_TOGETHER, File
from chalicelib.domain.text import MOST_CHARACTERS

WINDOW = timedelta(seconds=1)  # after a part, for the next one
LATE = timedelta(seconds=30)  # a text's next part: whoever starts the agent meanwhile answers late
TOGETHER = 2  # seconds between the moments at which an app sends two parts of one text
LIMIT = 4096  # UTF-16 units of one message
LONG = LIMIT // 2  # apps cut at a paragraph where one ends in the second half


@dataclass(frozen=True)
class MessagePart:
    number: int  # its place among what was sent
    sent_at: int  # seconds, by the app's server
    words: str
    context: str = ""  # data that came with it
    files: tuple[File, ...] = ()
    album: str = ""
    units: int = 0  # of a text that may be a part of a longer one; 0 for everything else

    @property
    def is_long(self) -> bool:
        """May an app have cut here?"""
        return self.units > LONG

    @property
    def gathers(self) -> bool:
        return bool(self.album) or self.is_long


def joined(parts: Sequence[MessagePart], part: MessagePart) -> tuple[MessagePart, ...] | None:
    """All in the order in which they were sent, whatever the order in which they came; None: they are not one."""
    if any(each.number == part.number for each in parts):
        return None
    together = tuple(sorted((*parts, part), key=lambda each: each.number))
    fits = len(compose(together)) <= MOST_CHARACTERS and _size(together) <= MOST_TOGETHER
    return together if fits and (_is_album(together) or _is_text(together)) else None


def may_join(parts: Sequence[MessagePart], part: MessagePart, since: datetime, now: datetime) -> bool:
    """An album knows its own; a text is one only if it came at once. `since`: when the last part came."""
    return bool(part.album) or now - since < LATE


def closes_at(parts: Sequence[MessagePart], now: datetime) -> datetime | None:
    """Until when nobody should begin; None: all is there, as far as can be seen."""
    return now + WINDOW if parts and parts[-1].gathers else None


def compose(parts: Sequence[MessagePart]) -> str:
    """The one text: words first, then what is only data."""
    names = " ".join(f"📎 {file.name}" for file in gathered(parts) if not file.optional)
    words = _words(parts)
    contexts = (part.context for part in parts)
    return "\n\n".join(part for part in (words or names, *contexts) if part)


def gathered(parts: Iterable[MessagePart]) -> tuple[File, ...]:
    """The one list of files, each with a name of its own."""
    files = list(chain.from_iterable(part.files for part in parts))
    names: dict[str, int] = {}
    return tuple(replace(file, name=_own_name(file.name, names)) for file in sorted(files, key=lambda f: f.optional))


def _own_name(name: str, names: dict[str, int]) -> str:
    names[name] = names.get(name, 0) + 1
    if names[name] == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{names[name]}.{ending}" if dot and stem else f"{name}-{names[name]}"


def _is_album(parts: Sequence[MessagePart]) -> bool:
    return bool(parts[0].album) and all(part.album == parts[0].album for part in parts)


def _is_text(parts: Sequence[MessagePart]) -> bool:
    close = all(abs(later.sent_at - earlier.sent_at) <= TOGETHER for earlier, later in pairwise(parts))
    return close and all(part.units for part in parts) and all(part.is_long for part in parts[:-1])


def _words(parts: Sequence[MessagePart]) -> str:
    said = [part for part in parts if part.words]
    text = said[0].words if said else ""
    for before, part in pairwise(said):
        text += _between(before) + part.words
    return text


def _between(part: MessagePart) -> str:
    """What an app takes away where it cuts: nothing in mid-word, a line break elsewhere."""
    if part.album:
        return "\n\n"
    return "" if part.units >= LIMIT else "\n"


def _size(parts: Sequence[MessagePart]) -> int:
    return sum(file.size for file in gathered(parts))
