"""What a bridge knows to be in the bucket of its user's state, and what the next generation adds to it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.listing import ListedFile, Listing, worn
from container.bridge.backup.packs import Content, Packer, build_index, renamed
from container.bridge.backup.ports import PathKind, Seen, StateFolder, Vanished


@dataclass(frozen=True)
class Memory:
    """A generation, with what is needed to find out what has changed since."""

    listing: Listing = field(default_factory=Listing)
    contents: Mapping[str, Content] = field(default_factory=dict)
    marks: Mapping[str, Hashable] = field(default_factory=dict)  # of the files as they were read


@dataclass(frozen=True)
class Gathered:
    """The next generation: its packs are stored, it is not yet the newest."""

    memory: Memory
    packs: tuple[str, ...]  # written for it
    stored_bytes: int


def remember(listing: Listing, contents: Mapping[str, Content], folder: StateFolder) -> Memory:
    """Of a folder that was just restored and that nobody has touched."""
    seen = folder.scan()
    return Memory(listing, contents, {path: each.mark for path, each in seen.items() if path in contents})


def gather(before: Memory, folder: StateFolder, bucket: BackupBucket, *, tidy: bool) -> Gathered:
    """Reads what may have changed and stores what is new; `tidy` also writes packs anew that are nearly empty."""
    empty = worn(before.listing.live()) if tidy else frozenset()
    seen = folder.scan()
    files = {path: each for path, each in seen.items() if each.kind is PathKind.FILE}
    contents = {path: content for path, each in files.items() if (content := _kept(before, path, each, empty))}
    changed = [path for path in files if path not in contents]
    packer = Packer(build_index(before.contents.values(), empty) if changed else {}, bucket.put_pack)
    for path in changed:
        with suppress(Vanished):
            contents[path] = packer.add(folder.read(path))
    names = packer.finish()
    contents = {path: renamed(content, names) for path, content in contents.items()}
    memory = Memory(_listing(seen, contents), contents, {path: seen[path].mark for path in contents})
    return Gathered(memory, tuple(names.values()), packer.stored_bytes)


def _kept(before: Memory, path: str, seen: Seen, empty: frozenset[str]) -> Content | None:
    """Its content as it is stored already, when it cannot have changed."""
    content = before.contents.get(path)
    same = seen.mark is not None and seen.mark == before.marks.get(path)
    if content is None or not same or any(extent.pack in empty for extent in content.extents):
        return None
    return content


def _listing(seen: Mapping[str, Seen], contents: Mapping[str, Content]) -> Listing:
    return Listing(
        files={
            path: ListedFile(seen[path].mode, seen[path].modified_ms, content.size, content.digest, content.extents)
            for path, content in contents.items()
        },
        folders={path: each.mode for path, each in seen.items() if each.kind is PathKind.FOLDER},
        links={path: each.target for path, each in seen.items() if each.kind is PathKind.LINK},
    )
