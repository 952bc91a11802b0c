"""When a running agent may go to sleep: the bridge asks it of itself, the watchdog asks it as the backstop."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.domain.agent import Agent, State, idle_after

REMEMBERED_DAYS = 14
BUSY_DAYS = 3  # of these days: an hour in which the user usually writes
BUSY_FACTOR = 2
LONGEST = timedelta(hours=1)


def adapted(chosen: timedelta, days_active: int) -> timedelta:
    """The idle time for an hour in which the user wrote on so many of the last `REMEMBERED_DAYS` days.

    A busy hour waits twice as long, because the next message is likely; never more than an hour for that reason.
    """
    return max(chosen, min(BUSY_FACTOR * chosen, LONGEST)) if days_active >= BUSY_DAYS else chosen


def quiet_since(agent: Agent, now: datetime, default: timedelta, grace: timedelta = timedelta()) -> datetime | None:
    """The moment up to which the last activity must lie so that the agent may stop; None while it must not.

    The conditional write repeats the decision against this moment, so that a message in between wins.
    """
    if agent.state is not State.RUNNING or agent.inflight or agent.waiting:
        return None
    cutoff = now - idle_after(agent, default) - grace
    last = agent.last_active_at or agent.since
    return cutoff if last is not None and last <= cutoff else None
