"""A look at the state folder: every path that belongs to it, and what could not be looked at, with the reason."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.domain.listing import MODE
from container.bridge.backup.limits import LARGEST_FILE, LONGEST_PATH
from container.bridge.backup.policy import is_state
from container.bridge.backup.ports import PathKind, Seen
from container.bridge.backup.sqlite import LOGS, SIDECARS, is_database
from container.bridge.backup.walk import BENEATH, Descent, descent, joined

GRAIN_NS = 2_000_000_000  # a file changed so shortly before we looked may change again and keep its time
BLOCK = 512  # the unit of st_blocks
KINDS = {stat.S_IFREG: PathKind.FILE, stat.S_IFDIR: PathKind.FOLDER, stat.S_IFLNK: PathKind.LINK}


def look(root: Path) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    before, folders = time.time_ns() - GRAIN_NS, [""]
    with descent(root) as way:
        while folders:
            under = folders.pop()
            try:
                inside = _look_into(way, under, before)
            except FileNotFoundError:
                found.pop(under, None)  # gone since the folder above was looked at
                continue
            except OSError as error:
                if not under:
                    raise
                found[under] = Seen(PathKind.FOLDER, found[under].mode, why=str(error))
                continue
            found |= inside
            folders += sorted((path for path, seen in inside.items() if _goes_on(seen)), reverse=True)
    return found


def _goes_on(seen: Seen) -> bool:
    return seen.kind is PathKind.FOLDER and not seen.why


def _look_into(way: Descent, under: str, before: int) -> dict[str, Seen]:
    descriptor = way.enter(under)
    try:
        folder = _Folder(under, descriptor, before)
        names = os.listdir(descriptor)  # noqa: PTH208  a descriptor is no path
        return dict(folder.look([name for name in names if is_state(joined(under, name))]))
    finally:
        os.close(descriptor)


@dataclass
class _Folder:
    path: str
    descriptor: int
    before: int  # nanoseconds: what was changed later may change again and keep its time
    stats: dict[str, os.stat_result] = field(default_factory=dict)

    def look(self, names: list[str]) -> Iterator[tuple[str, Seen]]:
        for name in names:
            try:
                self.stats[name] = os.stat(name, dir_fd=self.descriptor, follow_symlinks=False)
            except FileNotFoundError:
                continue  # gone since the folder was listed
            except PermissionError:
                raise  # no name in this folder can be looked at
            except OSError as error:
                yield joined(self.path, name), Seen(PathKind.FILE, 0, why=str(error))
        for name in self.stats:
            try:
                yield joined(self.path, name), self._seen(name)
            except FileNotFoundError:
                continue

    def _seen(self, name: str) -> Seen:
        facts = self.stats[name]
        mode, kind = facts.st_mode & MODE, KINDS.get(stat.S_IFMT(facts.st_mode), PathKind.SPECIAL)
        if len(os.fsencode(joined(self.path, name))) > LONGEST_PATH:
            return Seen(PathKind.SPECIAL, mode, why=f"its path is longer than {LONGEST_PATH} bytes")
        if kind is PathKind.LINK:
            return Seen(kind, mode, target=os.readlink(name, dir_fd=self.descriptor))
        if kind is not PathKind.FILE:
            return Seen(kind, mode)
        why = f"it has {facts.st_size} bytes, more than {LARGEST_FILE}" if facts.st_size > LARGEST_FILE else ""
        size = min(facts.st_size, facts.st_blocks * BLOCK)
        kind = PathKind.SIDECAR if self._is_sidecar(name) else kind
        return Seen(kind, mode, facts.st_mtime_ns // 1_000_000, self._mark(name), size=size, why=why)

    def _is_sidecar(self, name: str) -> bool:
        """A part of the database beside it, in whose copy it is contained."""
        mains = [name.removesuffix(each) for each in SIDECARS if name.endswith(each)]
        return any(main in self.stats and self._is_database(main) for main in mains)

    def _is_database(self, name: str) -> bool:
        try:
            with os.fdopen(os.open(name, BENEATH, dir_fd=self.descriptor), "rb") as file:
                return is_database(file)
        except OSError:
            return False

    def _mark(self, name: str) -> tuple[tuple[int, ...], ...] | None:
        """A write to a database shows in the file or in the log beside it."""
        parts = [self.stats[each] for each in (name, *(name + log for log in LOGS)) if each in self.stats]
        if any(part.st_mtime_ns > self.before for part in parts):
            return None
        return tuple((part.st_ino, part.st_size, part.st_mtime_ns, part.st_ctime_ns) for part in parts)
