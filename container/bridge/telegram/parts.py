"""What an answer is in a chat: some messages of text, then one for each file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import product

from chalicelib.domain.kept import Media
from chalicelib.domain.telegram_media import FileKind, kinds_of
from chalicelib.domain.telegram_text import Words
from chalicelib.domain.telegram_words import say


@dataclass(frozen=True)
class Way:
    """How a file may come into a chat."""

    in_place: bool  # a message that is there becomes the file, which can be repeated; else it is sent
    kind: FileKind


@dataclass(frozen=True)
class FilePart:
    media: Media
    ways: tuple[Way, ...]  # that nobody has refused, best first
    refused: Words  # what is said where there is none

    @property
    def way(self) -> Way:
        return self.ways[0]

    @property
    def announcement(self) -> Words:
        """Stands where the file will be."""
        return Words(f"📎 {self.media.name}")

    @property
    def plain(self) -> Part:
        """A server of one's own may be too old to put files in place, and a photo may have a shape that none takes."""
        return replace(self, ways=self.ways[1:]) if self.ways[1:] else self.refused


Part = Words | FilePart


def file_parts(media: Iterable[Media], language: str) -> list[Part]:
    return [_part(each, language) for each in media]


def _part(media: Media, language: str) -> FilePart:
    ways = (Way(in_place, kind) for in_place, kind in product((True, False), kinds_of(media)))
    return FilePart(media, tuple(ways), Words(say(language, "file_not_here", name=media.name)))
