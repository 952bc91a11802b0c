"""A generation's listing: every path of the state folder, and where the bytes of each file are.

File contents are cut into chunks of one SQLite page, so that what changes in a database is found page by page. New
chunks are put together into packs, which are compressed and stored under the SHA-256 of what is stored: three
uploads for a backup however many pages changed, and packs that are already there are referred to, not sent again.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.errors import DamagedBackup

CHUNK = 4096
PACK = 8 * 1024 * 1024  # bytes of a full pack before compression
MOST_PACKS = 64  # more than this make a restore slow: the emptiest are then written anew as one
LEVEL = 1  # of zlib: a page of SQLite is small and a backup should not be felt
LARGEST_LISTING = 256 * 1024 * 1024
MODE = 0o777  # what is saved and restored of a mode: nothing that lends somebody else's rights
LARGEST = 2**53
OBJECT = re.compile(r"[0-9a-f]{64}")  # the name of a pack or a listing
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Extent:
    """`length` bytes from `offset` of a pack's uncompressed content."""

    pack: str
    offset: int
    length: int


@dataclass(frozen=True)
class ListedFile:
    mode: int
    modified_ms: int
    size: int
    digest: str  # SHA-256 over the SHA-256 of each chunk
    extents: tuple[Extent, ...]


@dataclass(frozen=True)
class Listing:
    files: Mapping[str, ListedFile] = field(default_factory=dict)  # by path, with "/" on every system
    folders: Mapping[str, int] = field(default_factory=dict)  # mode by path
    links: Mapping[str, str] = field(default_factory=dict)  # target by path

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files.values())

    def live(self) -> dict[str, int]:
        """How many bytes of each pack are in use."""
        used: dict[str, int] = defaultdict(int)
        for file in self.files.values():
            for extent in file.extents:
                used[extent.pack] += extent.length
        return dict(used)

    def same_as(self, other: Listing) -> bool:
        """Touching a file changes nothing that is worth a backup."""
        return self._facts() == other._facts()

    def _facts(self) -> object:
        return {path: (file.mode, file.digest) for path, file in self.files.items()}, self.folders, self.links


def worn(live: Mapping[str, int]) -> frozenset[str]:
    """Packs to write anew when there are too many: the emptiest, no more than fill one pack."""
    if len(live) <= MOST_PACKS:
        return frozenset()
    chosen, total = set(), 0
    for pack, used in sorted(live.items(), key=lambda item: (item[1], item[0])):
        total += used
        if total > PACK:
            break
        chosen.add(pack)
    return frozenset(chosen)


def digest_of(digests: Iterable[bytes]) -> str:
    return hashlib.sha256(b"".join(digests)).hexdigest()


def chunks(block: bytes) -> Iterator[bytes]:
    """Blocks begin at a multiple of CHUNK in their file."""
    for at in range(0, len(block), CHUNK):
        yield block[at : at + CHUNK]


def joined(extents: Iterable[Extent]) -> tuple[Extent, ...]:
    """Neighbours become one."""
    found: list[Extent] = []
    for extent in extents:
        last = found[-1] if found else None
        if last and last.pack == extent.pack and last.offset + last.length == extent.offset:
            found[-1] = Extent(last.pack, last.offset, last.length + extent.length)
        else:
            found.append(extent)
    return tuple(found)


def encode_listing(listing: Listing) -> bytes:
    packs = {pack: number for number, pack in enumerate(sorted(listing.live()))}
    fields = {
        "version": 1,
        "packs": list(packs),
        "files": [[path, *_file_fields(file, packs)] for path, file in sorted(listing.files.items())],
        "folders": dict(sorted(listing.folders.items())),
        "links": dict(sorted(listing.links.items())),
    }
    return zlib.compress(json.dumps(fields, separators=(",", ":")).encode(), LEVEL)


def _file_fields(file: ListedFile, packs: Mapping[str, int]) -> list[Any]:
    places = [number for each in file.extents for number in (packs[each.pack], each.offset, each.length)]
    return [file.mode, file.modified_ms, file.size, file.digest, places]


def decode_listing(stored: bytes) -> Listing:
    """Raises DamagedBackup; also for a path that would lead out of the folder it is restored to, or through a link."""
    try:
        fields = json.loads(inflated(stored, LARGEST_LISTING))
        packs = [object_name(pack) for pack in listed(fields["packs"])]
        files = {_checked(path): _read_file(rest, packs) for path, *rest in listed(fields["files"])}
        folders = {_checked(path): whole(mode) & MODE for path, mode in fields["folders"].items()}
        links = {_checked(path): _target(target) for path, target in fields["links"].items()}
        _check_tree(files, folders, links)
        return Listing(files, folders, links)
    except MALFORMED as error:
        raise DamagedBackup(f"the listing cannot be read: {error!r:.200}") from None


def _read_file(fields: Sequence[Any], packs: Sequence[str]) -> ListedFile:
    mode, modified_ms, size, digest, places = fields
    extents = tuple(
        Extent(packs[whole(places[at])], whole(places[at + 1]), whole(places[at + 2]))
        for at in range(0, len(listed(places)), 3)
    )
    if sum(extent.length for extent in extents) != whole(size):
        raise ValueError("a file's extents are not its size")
    return ListedFile(whole(mode) & MODE, whole(modified_ms, -LARGEST), size, text(digest), extents)


def whole(value: Any, least: int = 0) -> int:
    """As JSON has it; true, 1.0 and 1e999 are none. Raises ValueError."""
    if type(value) is not int or not least <= value <= LARGEST:
        raise ValueError(f"{value!r:.40} is not a whole number from {least} to {LARGEST}")
    return value


def listed(value: Any) -> list[Any]:
    """Raises TypeError."""
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.40} is not a list")
    return value


def text(value: Any) -> str:
    """Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is not a text")
    return value


def object_name(value: Any) -> str:
    """Raises TypeError, ValueError."""
    if not OBJECT.fullmatch(value):
        raise ValueError(f"{value!r:.80} is not the name of an object")
    return str(value)


def _target(target: str) -> str:
    target.encode("utf-8", "surrogateescape")
    if not target or "\0" in target:
        raise ValueError(f"{target!r} is not where a link can lead")
    return target


def _check_tree(*kinds: Mapping[str, Any]) -> None:
    """Each path is one thing, and what is above it is a folder: nothing is restored through a link."""
    files, folders, links = kinds
    above: set[str] = set()
    for path in (*files, *folders, *links):
        under = path.rpartition("/")[0]
        while under and under not in above:
            above.add(under)
            under = under.rpartition("/")[0]
    twice = files.keys() & links.keys() | (files.keys() | links.keys()) & (folders.keys() | above)
    if twice:
        raise ValueError(f"{min(twice)!r:.80} is two things at once")


def _checked(path: str) -> str:
    path.encode("utf-8", "surrogateescape")  # as a file system takes it; UnicodeEncodeError is a ValueError
    if any(part in ("", ".", "..") or "\0" in part for part in path.split("/")):
        raise ValueError(f"{path!r} is not a path inside the folder")
    return path


def inflated(stored: bytes, limit: int) -> bytes:
    """At most `limit` bytes. Raises DamagedBackup."""
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(stored, limit + 1)  # one more, else the end of a full one is not read
    except zlib.error as error:
        raise DamagedBackup(f"an object cannot be read: {error}") from None
    if not reader.eof or len(content) > limit:
        raise DamagedBackup("an object is cut off, or larger than any we write")
    return content
