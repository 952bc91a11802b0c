"""The next generation: what may have changed is read, what is new is stored. Each file by itself: one stops no other.

What cannot be read is kept as it was in the generation before, where it was in it; a database of the workspace that
somebody holds and writes is copied as its files lie. Either is named.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.listing import ListedFile, Listing, worn
from container.bridge.backup.fitting import fitting
from container.bridge.backup.memory import Memory
from container.bridge.backup.packs import Content, Packer, build_index, renamed
from container.bridge.backup.policy import is_openclaws
from container.bridge.backup.ports import NotReadable, PathKind, Seen, StateFolder, Torn, Vanished
from container.bridge.backup.sqlite import LOGS


@dataclass(frozen=True)
class Gathered:
    """Its packs are stored, it is not yet the newest."""

    memory: Memory
    packs: tuple[str, ...]  # written for it
    stored_bytes: int
    lost: Mapping[str, str]  # why a path is not in it, or not as it is now
    special: tuple[str, ...]  # sockets, pipes, devices: they have no bytes to save


@dataclass
class _Draft:
    """`contents` and `marks` as they are now, `lost` what had to be left as it was."""

    before: Memory
    folder: StateFolder
    packer: Packer
    contents: dict[str, Content]
    marks: dict[str, Hashable] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)

    def read(self, path: str, seen: Seen) -> None:
        try:
            if seen.why:
                raise NotReadable(seen.why)
            self.contents[path] = self.packer.add(self.folder.read(path))
            self.marks[path] = seen.mark
        except Vanished:
            return
        except Torn as error:
            self._read_torn(path, error)
        except NotReadable as error:
            self.lost[path] = str(error)

    def _read_torn(self, path: str, error: Torn) -> None:
        ours = is_openclaws(path)
        if ours or not error.resting:
            self.lost[path] = str(error)
        if ours and path in self.before.contents:
            return
        for each in (path, *(path + log for log in LOGS)):  # without a mark: it is read anew each time
            with suppress(Vanished, NotReadable):
                self.contents[each] = self.packer.add(self.folder.read_bytes(each))


def gather(before: Memory, folder: StateFolder, bucket: BackupBucket, *, tidy: bool) -> Gathered:
    """`tidy` also writes packs anew that are nearly empty. Raises StorageUnavailable, OSError."""
    empty = worn(before.listing.live()) if tidy else frozenset()
    seen, lost = fitting(folder.scan(), folder.capacity())
    files = {path: each for path, each in seen.items() if each.kind is PathKind.FILE}
    kept = {path: content for path, each in files.items() if (content := _kept(before, path, each, empty))}
    changed = sorted(files.keys() - kept.keys(), key=lambda path: (not is_openclaws(path), path))
    packer = Packer(build_index(before.contents.values(), empty) if changed else {}, bucket.put_pack)
    draft = _Draft(before, folder, packer, dict(kept), {path: files[path].mark for path in kept}, lost)
    for path in changed:
        draft.read(path, files[path])
    names = packer.finish()
    contents = {path: renamed(content, names) for path, content in draft.contents.items()}
    lost |= {path: each.why for path, each in seen.items() if each.why}
    memory = _with_the_lost(Memory(_listing(seen, contents), contents, draft.marks), before, seen, lost)
    special = tuple(sorted(path for path, each in seen.items() if each.kind is PathKind.SPECIAL and path not in lost))
    return Gathered(memory, tuple(names.values()), packer.stored_bytes, lost, special)


def _kept(before: Memory, path: str, seen: Seen, empty: frozenset[str]) -> Content | None:
    """Its content as it is stored already, when it cannot have changed."""
    content = before.contents.get(path)
    same = seen.mark is not None and seen.mark == before.marks.get(path) and not seen.why
    if content is None or not same or any(extent.pack in empty for extent in content.extents):
        return None
    return content


def _listing(seen: Mapping[str, Seen], contents: Mapping[str, Content]) -> Listing:
    return Listing(
        files={
            path: ListedFile(seen[path].mode, seen[path].modified_ms, content.size, content.digest, content.extents)
            for path, content in contents.items()
            if path in seen
        },
        folders={path: each.mode for path, each in seen.items() if each.kind is PathKind.FOLDER},
        links={path: each.target for path, each in seen.items() if each.kind is PathKind.LINK},
    )


def _with_the_lost(memory: Memory, before: Memory, seen: Mapping[str, Seen], lost: Mapping[str, str]) -> Memory:
    """As they were: a file that could not be read, and all below a folder that could not be looked into."""
    closed = {path for path in lost if path in seen and seen[path].kind is PathKind.FOLDER}
    old, now = before.listing, memory.listing

    def was(path: str) -> bool:
        return (path in lost and path in seen and path not in closed) or _is_below(path, closed)

    files = {path: file for path, file in old.files.items() if was(path) and path not in now.files} if lost else {}
    listing = Listing(
        files={**now.files, **files},
        folders={**{path: mode for path, mode in old.folders.items() if _is_below(path, closed)}, **now.folders},
        links={**{path: link for path, link in old.links.items() if _is_below(path, closed)}, **now.links},
    )
    return replace(
        memory, listing=listing, contents={**memory.contents, **{path: before.contents[path] for path in files}}
    )


def _is_below(path: str, folders: set[str]) -> bool:
    while folders and path:
        path = path.rpartition("/")[0]
        if path in folders:
            return True
    return False
