"""Stand-ins for the bridge's threads and time: quicker ones, and none at all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from container.bridge.ports import Bell
from container.bridge.threads import QueueBell, Threads

SPEED = 20


class QuickTime:
    """Real threads, in a time that passes `speed` times as fast: what waits for 10 s here waits for half of one."""

    def __init__(self, speed: float = SPEED) -> None:
        self._speed, self._began, self._now = speed, time.monotonic(), datetime.now(UTC)
        self._threads = Threads()

    def clock(self) -> datetime:
        return self._now + timedelta(seconds=(time.monotonic() - self._began) * self._speed)

    def spawn(self, work: Callable[[], None], name: str) -> None:
        self._threads.spawn(work, name)

    def bell(self) -> QuickBell:
        return QuickBell(self._speed)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self._speed)


class QuickBell(QueueBell):
    def __init__(self, speed: float) -> None:
        super().__init__()
        self._speed = speed

    def wait(self, timeout: float) -> bool:
        return super().wait(timeout / self._speed)


class AtOnce:
    """Work is done where it is spawned, waits make the clock go on: a test calls what it wants to happen."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        self.pass_time = pass_time

    def spawn(self, work: Callable[[], None], name: str) -> None:
        work()

    def bell(self) -> Bell:
        return PassingBell(self.pass_time)

    def sleep(self, seconds: float) -> None:
        self.pass_time(seconds)


@dataclass
class PassingBell:
    pass_time: Callable[[float], None]
    rung: bool = False

    def set(self) -> None:
        self.rung = True

    def wait(self, timeout: float) -> bool:
        if not self.rung:
            self.pass_time(timeout)
        rung, self.rung = self.rung, False
        return rung
