"""A running agent answers after a silence as fast as before it: OpenClaw's workers are used all the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.ports import Sleep
from container.bridge.ports import Gateway
from container.bridge.turns.scheduler import TurnScheduler

# Seconds. A message that comes between the minute in which OpenClaw ends a worker and the next use waits for both.
PAUSE = 5.0


@dataclass(frozen=True)
class Warmth:
    """A thread of its own, from the start's end until `over`. It is no activity: the agent falls asleep as ever."""

    gateway: Gateway
    turns: TurnScheduler
    sleep: Sleep
    over: Callable[[], bool]

    def run(self) -> None:
        while not self.over():
            if not self._is_used():
                self.gateway.keep_warm()
            self.sleep(PAUSE)

    def _is_used(self) -> bool:
        """A turn, of ours or of OpenClaw's own, uses what it needs."""
        heard = self.gateway.silence()
        return self.turns.busy or (heard is not None and heard < timedelta(seconds=PAUSE))
