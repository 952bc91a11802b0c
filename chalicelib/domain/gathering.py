"""What an app has cut or spread over several messages is one message: an album, a text that was too long for one.

The first piece is a message like any other, except that nobody works on it for a moment. A piece that comes while
nobody has begun becomes part of it; one that comes later is a message of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, pairwise

from chalicelib.domain.attachment import MOST_TOGETHER, File
from chalicelib.domain.text import MOST_CHARACTERS

WINDOW = timedelta(seconds=1)  # after a piece, for the next one
LATE = timedelta(seconds=30)  # a text's next piece: whoever starts the agent meanwhile answers late
TOGETHER = 2  # seconds between the moments at which an app sends two pieces of one text
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


def joined(pieces: Sequence[MessagePart], piece: MessagePart) -> tuple[MessagePart, ...] | None:
    """All in the order in which they were sent, whatever the order in which they came; None: they are not one."""
    if any(each.number == piece.number for each in pieces):
        return None
    together = tuple(sorted((*pieces, piece), key=lambda each: each.number))
    fits = len(compose(together)) <= MOST_CHARACTERS and _size(together) <= MOST_TOGETHER
    return together if fits and (_is_album(together) or _is_text(together)) else None


def may_join(pieces: Sequence[MessagePart], piece: MessagePart, since: datetime, now: datetime) -> bool:
    """An album knows its own; a text is one only if it came at once. `since`: when the last piece came."""
    return bool(piece.album) or now - since < LATE


def closes_at(pieces: Sequence[MessagePart], now: datetime) -> datetime | None:
    """Until when nobody should begin; None: all is there, as far as can be seen."""
    return now + WINDOW if pieces and pieces[-1].gathers else None


def compose(pieces: Sequence[MessagePart]) -> str:
    """The one text: words first, then what is only data."""
    names = " ".join(f"📎 {file.name}" for file in gathered(pieces) if not file.optional)
    words = _words(pieces)
    contexts = (piece.context for piece in pieces)
    return "\n\n".join(part for part in (words or names, *contexts) if part)


def gathered(pieces: Iterable[MessagePart]) -> tuple[File, ...]:
    """The one list of files, each with a name of its own."""
    files = list(chain.from_iterable(piece.files for piece in pieces))
    names: dict[str, int] = {}
    return tuple(replace(file, name=_own_name(file.name, names)) for file in sorted(files, key=lambda f: f.optional))


def _own_name(name: str, names: dict[str, int]) -> str:
    names[name] = names.get(name, 0) + 1
    if names[name] == 1:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem}-{names[name]}.{ending}" if dot and stem else f"{name}-{names[name]}"


def _is_album(pieces: Sequence[MessagePart]) -> bool:
    return bool(pieces[0].album) and all(piece.album == pieces[0].album for piece in pieces)


def _is_text(pieces: Sequence[MessagePart]) -> bool:
    close = all(abs(later.sent_at - earlier.sent_at) <= TOGETHER for earlier, later in pairwise(pieces))
    return close and all(piece.units for piece in pieces) and all(piece.is_long for piece in pieces[:-1])


def _words(pieces: Sequence[MessagePart]) -> str:
    said = [piece for piece in pieces if piece.words]
    text = said[0].words if said else ""
    for before, piece in pairwise(said):
        text += _between(before) + piece.words
    return text


def _between(piece: MessagePart) -> str:
    """What an app takes away where it cuts: nothing in mid-word, a line break elsewhere."""
    if piece.album:
        return "\n\n"
    return "" if piece.units >= LIMIT else "\n"


def _size(pieces: Sequence[MessagePart]) -> int:
    return sum(file.size for file in gathered(pieces))
