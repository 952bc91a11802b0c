"""Calls that leave a process: each takes time, and whoever calls may die of it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.simulation.faults import Faults
from tests.simulation.history import History
from tests.simulation.scheduler import Killed, Scheduler

QUICK = (0.002, 0.02)
LAMBDA = "lambda"


@dataclass
class Line:
    """What all simulated ports share."""

    scheduler: Scheduler
    history: History
    faults: Faults
    random: Random  # of everything that is not a fault

    def travel(self, span: tuple[float, float] = QUICK) -> None:
        """Time passes, others run; a Lambda may not come back from it."""
        self.scheduler.pause(self.random.uniform(*span))
        process = self.scheduler.process
        if process and process.name.startswith(LAMBDA) and self.faults.strike("lambda_killed"):
            self.scheduler.kill(process)
            raise Killed
