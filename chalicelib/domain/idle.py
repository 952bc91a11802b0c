"""When a running agent may go to sleep: the bridge asks it of itself, the watchdog asks it as the backstop."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.domain.agent import Agent, State


def quiet_since(agent: Agent, now: datetime, default: timedelta, grace: timedelta = timedelta()) -> datetime | None:
    """The moment up to which the last activity must lie so that the agent may stop; None while it must not.

    The conditional write repeats the decision against this moment, so that a message in between wins.
    """
    if agent.state is not State.RUNNING or agent.inflight or agent.waiting:
        return None
    if agent.keep_warm_until and now < agent.keep_warm_until:
        return None
    cutoff = now - agent.idle_after(default) - grace
    last = agent.last_active_at or agent.since
    return cutoff if last is not None and last <= cutoff else None
