"""A state folder on a real disk, what is put into it, and what it holds."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.generations import Kind, Point
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.generations import Generations
from tests.fakes.backup import in_turn
from tests.fakes.clock import FakeClock
from tests.fakes.objects import MemoryObjects

MB = 1024 * 1024
ODD_TIME = 1_234_567_890_123_000_000  # nanoseconds


class Disk:
    """A state folder that is saved, and restored on the next machine."""

    def __init__(self, place: Path) -> None:
        self.place, self.bucket, self.epoch = place / "state", BackupBucket("ada", MemoryObjects(FakeClock())), 0
        (self.place / "workspace").mkdir(parents=True)
        self.start(self.place)

    def start(self, folder: Path) -> Generations:
        self.epoch += 1
        self.running = Generations(self.bucket, self.epoch, DiskFolder(folder), FakeClock(), in_turn)
        self.running.restore()
        return self.running

    def save(self) -> Point:
        self.running.add(Kind.ASKED)
        self.running.verify()
        return self.point

    @property
    def point(self) -> Point:
        head = self.bucket.read().manifest.head
        assert head
        return head

    def next_machine(self) -> Path:
        folder = self.place.with_name(f"next-{self.epoch}")
        self.start(folder)
        return folder


def content(root: Path, modes: int = 0o7777) -> Mapping[str, object]:
    """All that is below, however deep, without following anything. `modes`: the bits of theirs that count."""
    found: dict[str, object] = {}
    todo = [("", os.open(root, os.O_RDONLY))]
    while todo:
        under, held = todo.pop()
        names = os.listdir(held)  # noqa: PTH208  a descriptor is no path
        for name in (each for each in names if not each.endswith("-shm")):  # made anew by whoever reads
            facts, path = os.stat(name, dir_fd=held, follow_symlinks=False), f"{under}/{name}".strip("/")
            mode = stat.S_IMODE(facts.st_mode) & modes
            if stat.S_ISDIR(facts.st_mode):
                found[path] = ("folder", mode)
                todo.append((path, os.open(name, os.O_RDONLY, dir_fd=held)))
            elif stat.S_ISLNK(facts.st_mode):
                found[path] = ("link", os.readlink(name, dir_fd=held))
            elif stat.S_ISREG(facts.st_mode):
                with os.fdopen(os.open(name, os.O_RDONLY, dir_fd=held), "rb") as file:
                    found[path] = ("file", mode, facts.st_mtime_ns // 1_000_000, file.read())
        os.close(held)
    return found


def put(path: Path, content: bytes = b"text", mode: int = 0o640) -> None:
    path.write_bytes(content)
    path.chmod(mode)
    os.utime(path, ns=(ODD_TIME, ODD_TIME))
