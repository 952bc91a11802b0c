"""The kill switch is set by the month's budget, where the owner has chosen that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.signals import Event
from chalicelib.logs import log_event
from chalicelib.ports import Budget, Clock
from chalicelib.tables.halts import DEPLOYMENT, Halts

PAUSE = timedelta(hours=1)  # AWS brings the number up to date a few times a day


@dataclass
class BudgetWatch:
    budget: Budget | None  # None: spending sets no switch
    halts: Halts
    clock: Clock
    looked_at: datetime | None = None

    def look(self) -> None:
        """Once an hour, by each process that does. Raises what AWS and the store raise.

        Not on the first day of a month: AWS tells the money of the last one for some hours.
        """
        now = self.clock()
        if self.budget is None or now.day == 1 or (self.looked_at and now - self.looked_at < PAUSE):
            return
        self.looked_at = now
        if self.budget.is_spent() and self.halts.set_once(f"{now:%Y-%m}", now):
            log_event(Event.BUDGET_SPENT, DEPLOYMENT)
