"""A message that OpenClaw put into another run of its session: how long to wait for the answer that comes with it.

The other run may go on for minutes, and between its end and the start of what it had put off no run exists at all.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from container.bridge.openclaw.message import Patience


class Look(Enum):
    WAIT = "wait"
    LOST = "lost"  # no run, and none has come for long enough
    HUNG = "hung"


class Merged:
    def __init__(self, clock: Callable[[], float], patience: Patience) -> None:
        self._clock, self._patience = clock, patience
        self.since: float | None = None  # while the answer may come in another run
        self._quiet_since: float | None = None  # while the session has no run

    def forget(self) -> None:
        self.since = self._quiet_since = None

    def look(self, *, busy: bool) -> Look:
        """There is no answer yet; `busy`: some run of the session exists."""
        now = self._clock()
        self.since = self.since or now
        self._quiet_since = None if busy else self._quiet_since or now
        if now - self.since > self._patience.resume:
            return Look.HUNG
        lost = self._quiet_since is not None and now - self._quiet_since > self._patience.merged
        return Look.LOST if lost else Look.WAIT
