"""A state folder in memory, what backups say to people, and both put together with an S3 in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.generations import Kind
from chalicelib.domain.listing import Listing
from chalicelib.ports import Clock
from container.bridge.backup.backups import Backups
from container.bridge.backup.generations import Generations
from container.bridge.backup.outcomes import RestoreOutcome, SaveOutcome
from container.bridge.backup.ports import PathKind, Reports, Result, Seen, Task, Vanished
from container.bridge.backup.saver import Saver
from container.bridge.events import LifeEvent, Report
from container.bridge.ports import Concurrency
from container.bridge.threads import Threads

BLOCK = 64 * 1024


def in_turn(work: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
    return [work(task) for task in tasks]


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
        return {path: Seen(PathKind.FILE, 0o600, 0, self.marks.get(path, 0)) for path in sorted(self.files)}

    def read(self, path: str) -> Iterator[bytes]:
        self.reads.append(path)
        return self.read_bytes(path)

    def read_bytes(self, path: str) -> Iterator[bytes]:
        if path not in self.files:
            raise Vanished(path)
        content = self.files[path]
        return (content[at : at + BLOCK] for at in range(0, len(content), BLOCK))

    def capacity(self) -> int:
        return 1024**4

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
class FakeReports:
    notes: list[str | None] = field(default_factory=list)
    ask: str | None = None

    def note(self, note: str | None) -> None:
        self.notes.append(note)

    def asked(self) -> str | None:
        return self.ask

    def answered(self, asked: str) -> None:
        assert asked == self.ask
        self.ask = None


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class MemoryAgent:
    """An agent's folder and its backups; without arguments of a user who has never been here."""

    user_id: str
    epoch: int
    bucket: BackupBucket
    concurrency: Concurrency = field(default_factory=Threads)
    clock: Clock = now
    folder: MemoryFolder = field(default_factory=MemoryFolder)
    reports: Reports = field(default_factory=FakeReports)
    events: list[LifeEvent] = field(default_factory=list)  # what the backups report
    report: Report | None = None
    restored: RestoreOutcome | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        generations = Generations(self.bucket, self.epoch, self.folder, self.clock, in_turn)
        self.saver = Saver(generations, self.reports, self.concurrency.sleep, self.clock)
        self.backups = Backups(self.saver, self.concurrency, self.clock, self.report or self.events.append)

    def restore(self) -> RestoreOutcome:
        self.backups.begin()
        self.restored = self.backups.await_restore(10)
        assert self.restored, "it takes too long"
        return self.restored

    def save(self, kind: Kind = Kind.STOP) -> SaveOutcome:
        """One backup now, without the thread that makes them."""
        return self.saver.save(kind)
