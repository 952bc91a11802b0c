"""The state folder on this machine's disk: what is in it, and the bytes of each file.

The agent owns the folder and may be in a stranger's hands: no link in it is ever followed.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chalicelib.domain.listing import Listing
from container.bridge.backup.draft import DiskDraft
from container.bridge.backup.policy import LARGEST_FILE, is_openclaws, is_state
from container.bridge.backup.ports import PathKind, Seen, Vanished
from container.bridge.backup.sqlite import LOGS, MAGIC, SIDECARS, database_copy

log = logging.getLogger(__name__)
BLOCK = 1024 * 1024
GRAIN_NS = 2_000_000_000  # a file changed so shortly before we looked may change again and keep its time
PERMISSIONS = 0o777
BENEATH = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Stats = Mapping[str, os.stat_result]  # of one folder, by name


@dataclass(frozen=True)
class DiskFolder:
    path: Path

    def scan(self) -> dict[str, Seen]:
        found: dict[str, Seen] = {}
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        look = time.time_ns() - GRAIN_NS
        for root, folders, files, descriptor in os.fwalk(self.path, follow_symlinks=False):
            under = Path(root).relative_to(self.path).as_posix()
            stats = _stats([*folders, *files], descriptor)
            names = [name for name in stats if is_state(_joined(under, name))]
            for name in names:
                seen = None if _is_sidecar(name, stats, descriptor) else _seen(name, stats, descriptor, look)
                if seen:
                    found[_joined(under, name)] = seen
            folders[:] = [name for name in folders if _joined(under, name) in found]
        return found

    def read(self, path: str) -> Iterator[bytes]:
        with _opened(self.path, path) as file:
            if file.read(len(MAGIC)) == MAGIC:
                try:
                    yield from self._database(path)
                    return
                except sqlite3.Error as error:
                    if is_openclaws(path):
                        raise
                    log.warning("%s cannot be read as a database and is copied as it is: %s", path, error)
            file.seek(0)
            yield from iter(lambda: file.read(BLOCK), b"")

    def draft(self, listing: Listing) -> DiskDraft:
        return DiskDraft(self.path, listing)

    def _database(self, path: str) -> Iterator[bytes]:
        with database_copy(self.path / path) as copy, copy.open("rb") as file:
            yield from iter(lambda: file.read(BLOCK), b"")


def _joined(under: str, name: str) -> str:
    return name if under == "." else f"{under}/{name}"


def _stats(names: list[str], descriptor: int) -> Stats:
    found = {}
    for name in sorted(names):
        try:
            found[name] = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except FileNotFoundError:
            continue  # gone since the folder was listed
    return found


def _is_sidecar(name: str, stats: Stats, descriptor: int) -> bool:
    """A part of the database beside it, in whose copy it is contained."""
    mains = [name.removesuffix(each) for each in SIDECARS if name.endswith(each)]
    return any(main in stats and _is_database(main, descriptor) for main in mains)


def _is_database(name: str, descriptor: int) -> bool:
    try:
        with os.fdopen(os.open(name, BENEATH, dir_fd=descriptor), "rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def _seen(name: str, stats: Stats, descriptor: int, look: int) -> Seen | None:
    facts = stats[name]
    mode = stat.S_IMODE(facts.st_mode) & PERMISSIONS
    if stat.S_ISDIR(facts.st_mode):
        return Seen(PathKind.FOLDER, mode)
    if stat.S_ISLNK(facts.st_mode):
        return Seen(PathKind.LINK, mode, target=os.readlink(name, dir_fd=descriptor))
    if not stat.S_ISREG(facts.st_mode):
        return None  # sockets and pipes live with the process that made them
    if facts.st_size > LARGEST_FILE:
        log.warning("%s has %d bytes and is left out of the backup", name, facts.st_size)
        return None
    return Seen(PathKind.FILE, mode, facts.st_mtime_ns // 1_000_000, _mark(name, stats, look))


def _mark(name: str, stats: Stats, look: int) -> tuple[tuple[int, ...], ...] | None:
    """A write to a database shows in the file or in the log beside it."""
    parts = [stats[each] for each in (name, *(name + log for log in LOGS)) if each in stats]
    if any(part.st_mtime_ns > look for part in parts):
        return None
    return tuple((part.st_ino, part.st_size, part.st_mtime_ns, part.st_ctime_ns) for part in parts)


@contextmanager
def _opened(root: Path, path: str) -> Iterator[BinaryIO]:
    """The regular file at `path` below `root`, reached without following any link. Raises Vanished."""
    *folders, name = path.split("/")
    held = [os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)]
    try:
        for folder in folders:
            held.append(os.open(folder, BENEATH | os.O_DIRECTORY, dir_fd=held[-1]))
        file = os.fdopen(os.open(name, BENEATH, dir_fd=held[-1]), "rb")
    except OSError as error:
        raise Vanished(f"{path}: {error}") from error
    finally:
        for descriptor in held:
            os.close(descriptor)
    with closing(file):
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise Vanished(f"{path} is not a file any more")
        yield file
