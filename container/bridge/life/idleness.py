"""When this bridge may fall asleep: how long it waits at this hour, and when it has to be awake again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.agent import Agent, State, idle_after, idle_chosen
from chalicelib.domain.idle import REMEMBERED_DAYS, adapted, quiet_since
from chalicelib.errors import Fenced
from chalicelib.ports import Clock
from chalicelib.tables.rows import Rows
from container.bridge.life.own_work import OwnWorkWatch
from container.bridge.ports import Gateway, Owner


@dataclass
class Idleness:
    """Used by the lifecycle's thread."""

    owner: Owner
    rows: Rows
    gateway: Gateway
    clock: Clock
    default: timedelta  # the deployment's idle time
    work: OwnWorkWatch
    _hour: datetime | None = None  # for which the idle time was chosen

    def falls_asleep(self) -> bool:
        """Decided on the row and by OpenClaw, repeated by the conditional write: a message in between keeps us up.

        Raises Fenced when another epoch owns the user.
        """
        agent = self._adapt(self.rows.agents.get(self.owner.user_id))
        if agent.epoch != self.owner.epoch:
            raise Fenced(f"epoch {self.owner.epoch} is over")
        if agent.state is State.STOPPING:
            return True
        now = self.clock()
        cutoff = quiet_since(agent, now, self.default)
        cutoff = self.work.permits(agent, cutoff, idle_after(agent, self.default))
        return cutoff is not None and self._expire(now, cutoff)

    def next_wake(self) -> datetime | None:
        """OpenClaw's next cron time, if it is still to come."""
        at = self.work.wake if self.work.suspension else self.gateway.next_wake()
        return at if at and at > self.clock() else None

    def _expire(self, now: datetime, cutoff: datetime) -> bool:
        asleep = False
        try:
            asleep = self.rows.agents.expire(self.owner.user_id, self.owner.epoch, now, cutoff) is not None
        finally:
            if not asleep:
                self.work.resume()
        return asleep

    def _adapt(self, agent: Agent) -> Agent:
        """Once an hour: the user's own days say whether this is one in which the next message is likely."""
        now = self.clock()
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour == self._hour or agent.epoch != self.owner.epoch:
            return agent
        self._hour = hour
        days = self.rows.usage.days_active(self.owner.user_id, hour.hour, now, REMEMBERED_DAYS)
        idle = adapted(idle_chosen(agent, self.default), days)
        if idle != idle_after(agent, self.default):
            self.rows.agents.wait_longer(self.owner.user_id, self.owner.epoch, round(idle.total_seconds()))
        return self.rows.agents.get(self.owner.user_id)
