"""How much one user may do: a table of limits by name. What is used up comes back when the next period begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil

from chalicelib.domain.times import to_seconds
from chalicelib.errors import ConfigError, RateLimited

MEGABYTE = 1024 * 1024
MESSAGES, STARTS, CONVERSATIONS, BYTES, TURNS, TICKETS, SEARCHES = (
    *("messages", "starts", "conversations", "bytes", "turns", "tickets", "searches"),
)


@dataclass(frozen=True)
class RateLimit:
    """At most so many in each period; periods begin where the clock's do."""

    most: int
    period: timedelta
    what: str  # for the person


LIMITS: Mapping[str, RateLimit] = {
    MESSAGES: RateLimit(30, timedelta(minutes=1), "messages"),
    STARTS: RateLimit(30, timedelta(hours=1), "starts of the agent"),
    CONVERSATIONS: RateLimit(200, timedelta(days=1), "new conversations"),
    BYTES: RateLimit(500 * MEGABYTE, timedelta(days=1), "bytes of files"),
    # That wait or run: it has no period, room comes with the next answer.
    TURNS: RateLimit(30, timedelta(seconds=15), "messages without an answer"),
    TICKETS: RateLimit(60, timedelta(minutes=1), "connections"),
    SEARCHES: RateLimit(60, timedelta(minutes=1), "searches"),
}


def period_of(limit: RateLimit, now: datetime) -> datetime:
    """When the period that is now has begun."""
    seconds = round(limit.period.total_seconds())
    return datetime.fromtimestamp(to_seconds(now) // seconds * seconds, UTC)


def refusal(limit: RateLimit, now: datetime) -> RateLimited:
    """With the seconds until the next period."""
    left = period_of(limit, now) + limit.period - now
    return refusal_for(limit, ceil(left.total_seconds()))


def refusal_for(limit: RateLimit, seconds: int) -> RateLimited:
    return RateLimited(f"too many {limit.what}: at most {limit.most:,} are possible; again in {seconds} s", seconds)


def read_limits(text: str) -> Mapping[str, RateLimit]:
    """The table, with other numbers for what `text` names, as in `messages=600,starts=60`. Raises ConfigError."""
    table = dict(LIMITS)
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, most = part.partition("=")
        if name not in LIMITS or not most.isdecimal() or not int(most):
            raise ConfigError(f"LIMITS has {part!r}, wanted name=number from 1; names: {', '.join(LIMITS)}")
        table[name] = replace(table[name], most=int(most))
    return table
