"""The agent as its owner sees and steers it: status, start, stop."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.estimate import Estimate
from chalicelib.domain.limits import STARTS
from chalicelib.domain.notes import STARTS_SPENT
from chalicelib.errors import AgentBusy
from chalicelib.pages import Pages
from chalicelib.ports import Clock, Tasks
from chalicelib.services.wake import Wake
from chalicelib.tables.rows import Rows


@dataclass(frozen=True)
class Lifecycle:
    rows: Rows
    wake: Wake
    tasks: Tasks
    pages: Pages
    clock: Clock

    def status(self, user_id: str) -> tuple[Agent, Estimate]:
        """Its row, and how long its starts take in seconds; None before the first one."""
        return self.rows.agents.get(user_id), self.rows.starts.estimate(user_id)

    def start(self, user_id: str) -> Agent:
        """Wakes it without a message; what it is then, which may be idle still where no machine is free.

        Raises RateLimited where this hour's starts are used up.
        """
        agent = self.wake.wake(user_id)
        if agent.state is State.IDLE and agent.note == STARTS_SPENT:
            raise self.wake.limits.refusal(STARTS)
        return self.rows.agents.get(user_id)

    def stop(self, user_id: str) -> Agent:
        """To sleep now, if nothing runs or waits. Raises AgentBusy when something does: it would be lost time."""
        agent = self.rows.agents.get(user_id)
        if agent.state not in (State.STARTING, State.RUNNING):
            return agent
        moved = self.rows.agents.expire(user_id, agent.epoch, self.clock(), quiet_since=self.clock())
        if moved is None:
            raise AgentBusy("the agent works on a message; stop that first")
        if moved.task_arn:
            self.tasks.stop(moved.task_arn, "stopped by its owner")
        self.pages.status(moved)
        return moved
