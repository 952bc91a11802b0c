"""Contents cut into chunks; those that are not stored yet are packed, compressed and stored."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chalicelib.domain.listing import CHUNK, LEVEL, PACK, Extent, chunks, digest_of, joined

DIGEST = hashlib.sha256().digest_size
SAMPLE = 64 * 1024
INCOMPRESSIBLE = 0.9  # of a sample's size: then zlib would cost much time for nothing

Index = dict[bytes, Extent]  # where a chunk with this SHA-256 is


@dataclass(frozen=True)
class Content:
    """A file's content as it is stored."""

    size: int
    digests: bytes  # the SHA-256 of each chunk, one after the other
    extents: tuple[Extent, ...]

    @property
    def digest(self) -> str:
        return digest_of(split(self.digests))

    def chunks(self) -> Iterator[tuple[bytes, Extent]]:
        """Each chunk's hash and place."""
        hashes = split(self.digests)
        for extent in self.extents:
            for at in range(0, extent.length, CHUNK):
                length = min(CHUNK, extent.length - at)
                yield next(hashes), Extent(extent.pack, extent.offset + at, length)


def split(digests: bytes) -> Iterator[bytes]:
    return (digests[at : at + DIGEST] for at in range(0, len(digests), DIGEST))


def build_index(contents: Iterable[Content], without: Collection[str] = ()) -> Index:
    return {digest: place for content in contents for digest, place in content.chunks() if place.pack not in without}


def compress(content: bytes) -> bytes:
    """Always zlib's format; what does not shrink is only wrapped."""
    sample = content[:SAMPLE]
    shrinks = len(zlib.compress(sample, LEVEL)) < INCOMPRESSIBLE * len(sample)
    return zlib.compress(content, LEVEL if shrinks else 0)


@dataclass
class Packer:
    """`store` brings a pack away and says its name. Extents carry a draft's name until `finish` tells the real ones."""

    index: Index
    store: Callable[[bytes], str]
    stored_bytes: int = 0
    names: dict[str, str] = field(default_factory=dict)  # of the packs written, by draft name
    _draft: bytearray = field(default_factory=bytearray)

    def add(self, blocks: Iterable[bytes]) -> Content:
        """Blocks but the last are multiples of CHUNK long."""
        digests, places, size = bytearray(), [], 0
        for block in blocks:
            for chunk in chunks(block):
                digest = hashlib.sha256(chunk).digest()
                digests += digest
                places.append(self._place(digest, chunk))
            size += len(block)
        return Content(size, bytes(digests), joined(places))

    def finish(self) -> Mapping[str, str]:
        """Stores what is left; the names of all packs by the name they had as drafts."""
        self._seal()
        return self.names

    def _place(self, digest: bytes, chunk: bytes) -> Extent:
        known = self.index.get(digest)
        if known is None:
            if len(self._draft) + len(chunk) > PACK:
                self._seal()
            known = Extent(self._draft_name, len(self._draft), len(chunk))
            self._draft += chunk
            self.index[digest] = known
        return known

    def _seal(self) -> None:
        if self._draft:
            stored = compress(bytes(self._draft))
            self.names[self._draft_name] = self.store(stored)
            self.stored_bytes += len(stored)
            self._draft = bytearray()

    @property
    def _draft_name(self) -> str:
        return f"draft {len(self.names)}"


def renamed(content: Content, names: Mapping[str, str]) -> Content:
    """With the packs' real names."""
    places = (Extent(names.get(each.pack, each.pack), each.offset, each.length) for each in content.extents)
    return Content(content.size, content.digests, joined(places))
