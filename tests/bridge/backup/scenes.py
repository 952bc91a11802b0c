"""A bucket and the starts of a bridge that come and go, each played step by step."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.generations import Point
from container.bridge.backup.outcomes import Restored, RestoreOutcome, StopOutcome
from container.bridge.events import FencedOff
from tests.fakes.backup import FakeReports, MemoryAgent
from tests.fakes.clock import FakeClock
from tests.fakes.concurrency import AtOnce
from tests.fakes.objects import MemoryObjects

MANIFEST = "users/ada/state/manifest.json"
Step = Callable[["Task"], None]


class Task:
    """One start of one user's bridge. `lives` plays it from restore to stop, a step at each look at the bell."""

    def __init__(self, objects: MemoryObjects, clock: FakeClock, epoch: int = 1) -> None:
        self.clock, self.reports = clock, FakeReports()
        self.steps: list[Step] = []
        self.end: StopOutcome | None = None
        self._told_to_stop = False
        bucket = BackupBucket("ada", objects)
        self.agent = MemoryAgent("ada", epoch, bucket, AtOnce(self._pass), clock, reports=self.reports)
        self.backups, self.folder = self.agent.backups, self.agent.folder

    @property
    def restored(self) -> RestoreOutcome | None:
        return self.agent.restored

    def restore(self) -> Task:
        self.agent.restore()
        return self

    def lives(self, *steps: Step) -> Task:
        """Restores, then does a step whenever the loop waits, then is told to stop."""
        self.restore()
        assert isinstance(self.restored, Restored), self.restored
        self.steps = list(steps)
        self.backups.start()
        self.end = self.backups.stop(0)
        return self

    @property
    def fenced(self) -> bool:
        """It heard that somebody else writes, and the bridge was told."""
        assert self.agent.events in ([], [self.end])
        return isinstance(self.end, FencedOff)

    def stop(self, timeout: float) -> None:
        self._told_to_stop = True
        self.backups.ask_to_stop(timeout)

    def _pass(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)
        if self.steps:
            self.steps.pop(0)(self)
        elif self.restored and not self._told_to_stop:
            self.stop(timeout=20)


class Bucket:
    """A user's bucket, and the tasks that come and go."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.objects = MemoryObjects(self.clock)
        self.epoch = 0

    def task(self) -> Task:
        self.epoch += 1
        return Task(self.objects, self.clock, self.epoch)

    @property
    def points(self) -> tuple[Point, ...]:
        return BackupBucket("ada", self.objects).read().manifest.points

    def restored(self) -> dict[str, bytes]:
        return self.task().restore().folder.files


def write(path: str, content: bytes) -> Step:
    return lambda task: task.folder.put(path, content)


def wait(task: Task) -> None:
    """Time goes by."""
