"""A generation as one tar file that any computer opens, laid out so that each part of it can be made by itself.

A Lambda has 29 seconds and little memory: it uploads part after part, and another call goes on where it ended.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.listing import Extent, ListedFile, Listing

PART = 8 * 1024 * 1024  # S3 wants at least 5 MB of all parts but the last
BLOCK = tarfile.BLOCKSIZE
FOLDER = "openclaw"
README = b"""This is what your agent knows: the state folder of OpenClaw, as it was saved.

To go on with it on a computer of your own, install OpenClaw, put the contents of this folder into ~/.openclaw,
run `openclaw onboard` for a configuration (it is not part of the backup, because it names this installation's
address and model), and start it with `openclaw gateway`. Your notes and files are in workspace/.
"""


@dataclass(frozen=True)
class Literal:
    content: bytes

    @property
    def length(self) -> int:
        return len(self.content)


Segment = Literal | Extent


def lay_out(listing: Listing) -> list[Segment]:
    """The tar file from its first byte to its last."""
    segments: list[Segment] = [_header("README.txt", size=len(README)), Literal(README), _padding(len(README))]
    for path, mode in sorted(listing.folders.items()):
        segments.append(_header(path, kind=tarfile.DIRTYPE, mode=mode))
    for path, file in sorted(listing.files.items()):
        segments += [_file_header(path, file), *file.extents, _padding(file.size)]
    for path, target in sorted(listing.links.items()):
        segments.append(_header(path, kind=tarfile.SYMTYPE, target=target))
    return [segment for segment in (*segments, Literal(bytes(2 * BLOCK))) if segment.length]


def measure(segments: Sequence[Segment]) -> int:
    return sum(segment.length for segment in segments)


def slice_part(segments: Sequence[Segment], begin: int, end: int) -> Iterator[tuple[int, Segment]]:
    """What is between two offsets, each piece with its place after `begin`."""
    at = 0
    for segment in segments:
        first, last = max(begin, at), min(end, at + segment.length)
        if first < last:
            yield first - begin, _cut(segment, first - at, last - at)
        at += segment.length


def _cut(segment: Segment, first: int, last: int) -> Segment:
    if isinstance(segment, Literal):
        return Literal(segment.content[first:last])
    return Extent(segment.pack, segment.offset + first, last - first)


def _file_header(path: str, file: ListedFile) -> Literal:
    return _header(path, size=file.size, mode=file.mode, modified=file.modified_ms // 1000)


def _header(
    path: str, *, kind: bytes = tarfile.REGTYPE, size: int = 0, mode: int = 0o644, modified: int = 0, target: str = ""
) -> Literal:
    entry = tarfile.TarInfo(f"{FOLDER}/{path}")
    entry.type, entry.size, entry.mode, entry.mtime, entry.linkname = kind, size, mode, modified, target
    return Literal(entry.tobuf(tarfile.PAX_FORMAT, errors="surrogateescape"))


def _padding(size: int) -> Literal:
    return Literal(bytes(-size % BLOCK))
