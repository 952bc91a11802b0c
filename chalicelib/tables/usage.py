"""What a user did, by day: rows `day#<date>` of Usage. Hours are UTC, as all times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.times import to_text
from chalicelib.store import Store, Table


@dataclass(frozen=True)
class Counts:
    messages: int
    tokens: int
    cost_usd: float


@dataclass(frozen=True)
class UsageRows:
    store: Store

    def days_active(self, user_id: str, hour: int, now: datetime, days: int) -> int:
        """On how many of the last `days` days before today the user got an answer in this hour of the day."""
        start, end = (f"day#{to_text(now - timedelta(days=back))[:10]}" for back in (days, 1))
        rows = self.store.query(Table.USAGE, user_id, start=start, end=end)
        return sum(1 for row in rows if row.get(f"hour{hour:02d}", 0) > 0)

    def count(self, user_id: str, days: int, now: datetime) -> Counts:
        """All of the last so many days, today included."""
        first = to_text(now - timedelta(days=days - 1))[:10]
        rows = self.store.query(Table.USAGE, user_id, start=f"day#{first}", end="day#~")
        tokens = sum(row.get("inputTokens", 0) + row.get("outputTokens", 0) for row in rows)
        cost_usd = sum(row.get("microUsd", 0) for row in rows) / 1_000_000
        return Counts(sum(row.get("messages", 0) for row in rows), tokens, cost_usd)
