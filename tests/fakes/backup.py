"""A state folder in memory, what backups say to people, and both put together with an S3 in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.listing import Listing
from chalicelib.ports import Clock
from container.bridge.backup.backups import Backups
from container.bridge.backup.ports import Kind, Seen, Vanished
from container.bridge.ports import Concurrency
from container.bridge.threads import Threads
from tests.fakes.objects import MemoryObjects

BLOCK = 64 * 1024


@dataclass
class MemoryFolder:
    """Files by path. `marks` grow with every write, as times do on a disk."""

    files: dict[str, bytes] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    on_write: Callable[[str], None] = lambda path: None

    def put(self, path: str, content: bytes) -> None:
        self.files[path] = content
        self.marks[path] = self.marks.get(path, 0) + 1

    def scan(self) -> dict[str, Seen]:
        return {path: Seen(Kind.FILE, 0o600, 0, self.marks.get(path, 0)) for path in sorted(self.files)}

    def read(self, path: str) -> Iterator[bytes]:
        self.reads.append(path)
        if path not in self.files:
            raise Vanished(path)
        content = self.files[path]
        return (content[at : at + BLOCK] for at in range(0, len(content), BLOCK))

    def draft(self, listing: Listing) -> MemoryDraft:
        return MemoryDraft(self, {path: bytearray(file.size) for path, file in listing.files.items()})


@dataclass
class MemoryDraft:
    folder: MemoryFolder
    files: dict[str, bytearray]
    discarded: bool = False

    def write(self, path: str, offset: int, content: bytes) -> None:
        self.folder.on_write(path)
        self.files[path][offset : offset + len(content)] = content

    def finish(self) -> None:
        self.folder.files = {path: bytes(content) for path, content in self.files.items()}

    def discard(self) -> None:
        self.discarded = True


@dataclass
class FakeTalk:
    said: list[str | None] = field(default_factory=list)
    ask: str | None = None

    def say(self, note: str | None) -> None:
        self.said.append(note)

    def asked(self) -> str | None:
        return self.ask

    def answered(self, asked: str) -> None:
        assert asked == self.ask
        self.ask = None


class AtOnce:
    """Work is done where it is spawned, waits make the clock go on: a test calls what it wants to happen."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        self.pass_time = pass_time

    def spawn(self, work: Callable[[], None], name: str) -> None:
        work()

    def signal(self) -> Bell:
        return Bell(self.pass_time)

    def sleep(self, seconds: float) -> None:
        self.pass_time(seconds)


@dataclass
class Bell:
    pass_time: Callable[[float], None]
    rung: bool = False

    def set(self) -> None:
        self.rung = True

    def wait(self, timeout: float) -> bool:
        if not self.rung:
            self.pass_time(timeout)
        rung, self.rung = self.rung, False
        return rung


def now() -> datetime:
    return datetime.now(UTC)


def memory_backups(
    user_id: str,
    epoch: int,
    objects: MemoryObjects | None = None,
    folder: MemoryFolder | None = None,
    *,
    concurrency: Concurrency | None = None,
    clock: Clock = now,
) -> Backups:
    """Of a user; without arguments one who has never been here."""
    bucket = BackupBucket(user_id, objects or MemoryObjects(clock))
    return Backups(
        bucket, epoch, folder or MemoryFolder(), concurrency or Threads(), clock, FakeTalk(), timedelta(seconds=60)
    )
