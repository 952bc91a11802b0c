"""Limits: each user has a share of what costs money or room. Whoever asks for more is told when to come again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.limits import RateLimit, refusal
from chalicelib.domain.signals import Event
from chalicelib.errors import RateLimited
from chalicelib.logs import log_event
from chalicelib.ports import Clock
from chalicelib.tables.halts import Halts
from chalicelib.tables.limits import LimitRows


@dataclass(frozen=True)
class RateLimits:
    rows: LimitRows
    table: Mapping[str, RateLimit]
    clock: Clock
    halts: Halts

    def take(self, user_id: str, name: str, amount: int = 1) -> None:
        """Raises RateLimited when this period's share is used up."""
        limit, now = self.table[name], self.clock()
        if not self.rows.take(user_id, name, limit, amount, now):
            log_event(Event.RATE_LIMITED, user_id, result=name)
            raise refusal(limit, now)

    def refusal(self, name: str) -> RateLimited:
        """What is said when it is used up."""
        return refusal(self.table[name], self.clock())

    def give_back(self, user_id: str, name: str, amount: int = 1) -> None:
        """It was for nothing."""
        self.rows.give_back(user_id, name, self.table[name], amount, self.clock())
