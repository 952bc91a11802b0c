"""A sign of life on the agent's row while a turn runs: the watchdog takes silence for idleness."""

from __future__ import annotations

from datetime import timedelta

from chalicelib.errors import Fenced
from chalicelib.ports import Clock
from chalicelib.tables.agents import Agents
from container.bridge.ports import Owner

PERIOD = timedelta(seconds=25)


class Heartbeat:
    """The scheduler's thread alone uses it."""

    def __init__(self, agents: Agents, owner: Owner, clock: Clock) -> None:
        self._agents, self._owner, self._clock = agents, owner, clock
        self._beat_at = clock()

    def beat(self) -> None:
        """When it is time. Raises Fenced when another epoch owns the user."""
        now = self._clock()
        if now - self._beat_at > PERIOD:
            self._beat_at = now
            if not self._agents.touch(self._owner.user_id, self._owner.epoch, now):
                raise Fenced(f"epoch {self._owner.epoch} is over")
