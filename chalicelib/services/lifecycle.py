"""The agent as its owner sees and steers it: status, start, stop."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.estimate import Estimate
from chalicelib.domain.limits import STARTS
from chalicelib.domain.notes import HALTS, NOTES, STARTS_SPENT
from chalicelib.errors import AgentBusy, AgentUnavailable
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
        return self.wake.shown(self.rows.agents.get(user_id)), self.rows.starts.estimate(user_id)

    def start(self, user_id: str) -> Agent:
        """Wakes it without a message; what it is then, which may be idle still where no machine is free.

        Raises RateLimited where this hour's starts are used up, AgentUnavailable where the kill switch is set.
        """
        agent = self.wake.wake(user_id)
        if agent.state is State.IDLE and agent.note == STARTS_SPENT:
            raise self.wake.limits.refusal(STARTS)
        if agent.state is State.IDLE and agent.note in HALTS:
            raise AgentUnavailable(NOTES[agent.note or ""])
        return self.rows.agents.get(user_id)

    def switch(self, user_id: str, *, halted: bool) -> Agent:
        """The kill switch of the user's own agent, on or off; the deployment's stays as it is."""
        return self.halt(user_id) if halted else self.lift(user_id)

    def halt(self, user_id: str) -> Agent:
        """What runs is stopped now and given back to the inbox, and nothing starts any more."""
        self.rows.halts.set(user_id, self.clock())
        agent = self.rows.agents.get(user_id)
        if agent.state in (State.STARTING, State.RUNNING):
            moved = self.rows.agents.expire(user_id, agent.epoch, self.clock(), quiet_since=None)
            if moved and moved.task_arn:
                self.tasks.stop(moved.task_arn, "everything was stopped by its owner")
        return self._show(user_id)

    def lift(self, user_id: str) -> Agent:
        """The agent may work again, and does if somebody waits for it."""
        self.rows.halts.lift(user_id)
        if self.rows.agents.get(user_id).waiting:
            self.wake.wake(user_id)
        return self._show(user_id)

    def _show(self, user_id: str) -> Agent:
        agent = self.wake.shown(self.rows.agents.get(user_id))
        self.pages.status(agent)
        return agent

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
