"""A bridge that lives from its start to its end, in a thread, over fakes."""

from __future__ import annotations

import threading
from datetime import timedelta

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.agent import State
from container.bridge.backup.reports import RowReports
from container.bridge.events import LifeEvent
from container.bridge.life.lifecycle import BridgeLifecycle, LifeParts, LifeTimes
from container.bridge.life.row import Endpoint
from container.bridge.mailbox import Mailbox
from container.bridge.ports import Owner
from tests.fakes.backup import MemoryAgent
from tests.fakes.bridge import Desk, FakeOpenClawControl
from tests.fakes.objects import MemoryObjects
from tests.tables.scenes import USER

SHORT = timedelta(seconds=0.2)
LONG = timedelta(minutes=15)
ENDPOINT = Endpoint("127.0.0.9:8080", "ab" * 32)


class Life:
    def __init__(self, desk: Desk, idle: timedelta = LONG) -> None:
        self.desk, self.control, self.objects = desk, FakeOpenClawControl(), MemoryObjects()
        desk.store.rows.clear()
        desk.__post_init__()
        self.epoch = self._start_again()
        owner, rows, time = Owner(USER, self.epoch), desk.rows, desk.time
        self.events: Mailbox[LifeEvent] = Mailbox(time)
        desk.turns = desk.scheduler(self.epoch, self.events.put)
        reports = RowReports(owner, rows.agents, rows.backup_requests, desk.deliveries.status)
        bucket = BackupBucket(USER, self.objects)
        self.agent = MemoryAgent(USER, self.epoch, bucket, time, time.clock, reports=reports, report=self.events.put)
        backups, show = self.agent.backups, desk.deliveries.status
        parts = LifeParts(owner, rows, show, desk.turns, backups, self.control, desk.gateway, time, time.clock)
        self.lifecycle = BridgeLifecycle(parts, LifeTimes(idle, stop_seconds=2), self.events)
        self.thread = threading.Thread(target=self.lifecycle.run, args=[ENDPOINT], daemon=True)

    def start(self) -> Life:
        self.thread.start()
        return self

    def state(self) -> State:
        return self.desk.rows.agents.get(USER).state

    def ends(self) -> None:
        self.thread.join(5)
        assert not self.thread.is_alive(), "the bridge did not end"

    def statuses(self) -> list[str]:
        frames = [frame for frame in self.desk.push.frames.get("page", []) if frame["type"] == "status"]
        return [frame.get("stage", frame["status"]) for frame in frames]

    def _start_again(self) -> int:
        """Back to Starting, under the next epoch."""
        agents, clock = self.desk.rows.agents, self.desk.time.clock
        agents.stopped(self.desk.agent, clock())
        begun = agents.begin(agents.get(USER), "cd" * 32, clock())
        assert begun
        return begun.epoch
