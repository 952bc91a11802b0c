"""What a user has used of his limits: rows `limit#<name>#<period>` of Usage, which pass with their period."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.limits import RateLimit, period_of
from chalicelib.domain.times import to_seconds
from chalicelib.errors import ConditionFailed
from chalicelib.store import Condition, Exists, MissingOrBelow, Store, Table, Update


@dataclass(frozen=True)
class LimitRows:
    store: Store

    def take(self, user_id: str, name: str, limit: RateLimit, amount: int, now: datetime) -> bool:
        """False, and nothing is taken, when there is not so much left in this period."""
        room = MissingOrBelow("used", limit.most - amount + 1)
        return amount <= limit.most and self._add(user_id, name, limit, amount, now, room)

    def give_back(self, user_id: str, name: str, limit: RateLimit, amount: int, now: datetime) -> None:
        """What was taken for nothing; a period that has passed needs nothing back."""
        self._add(user_id, name, limit, -amount, now, Exists("used"))

    def _add(self, user_id: str, name: str, limit: RateLimit, amount: int, now: datetime, when: Condition) -> bool:
        begun = to_seconds(period_of(limit, now))
        key = {"userId": user_id, "sk": f"limit#{name}#{begun}"}
        kept = {"expiresAt": begun + 2 * round(limit.period.total_seconds())}
        with suppress(ConditionFailed):
            self.store.write(Update(Table.USAGE, key, set=kept, add={"used": amount}, when=(when,)))
            return True
        return False
