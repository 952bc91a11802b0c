"""Wake: whatever state the agent is in, make sure that somebody will look into its inbox."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.limits import STARTS
from chalicelib.domain.notes import HALTS, NO_CAPACITY, STARTS_SPENT, start_refused
from chalicelib.domain.signals import Event
from chalicelib.errors import AgentUnavailable, NoCapacity, RateLimited, StartRefused
from chalicelib.logs import log_event
from chalicelib.pages import Pages
from chalicelib.ports import Clock, Doorbell, NewId, Sleep, Tasks
from chalicelib.services.rate_limits import RateLimits
from chalicelib.tables.agents import Agents

log = logging.getLogger(__name__)
STOPPING_POLL = 0.25  # seconds; an orderly stop takes a few
STOPPING_POLLS = 60


@dataclass(frozen=True)
class Wake:
    agents: Agents
    tasks: Tasks
    doorbell: Doorbell
    pages: Pages
    clock: Clock
    sleep: Sleep
    new_key: NewId  # 32 random bytes in hex
    limits: RateLimits

    def wake(self, user_id: str, seen: Agent | None = None) -> Agent:
        """Running: ring. Idle: start. Starting: it looks by itself. Stopping: wait a little, then start.

        Where the agent was `seen` running a moment ago it is rung for first, and looked at afterwards. Whatever goes
        wrong here is mended by the watchdog, because the message is in the inbox already.
        """
        heard = seen.epoch if seen and seen.state is State.RUNNING and self.doorbell.ring(seen) else None
        agent = self._settled(self.agents.get(user_id))
        match agent.state:
            case State.RUNNING:
                if agent.epoch != heard and not self.doorbell.ring(agent):
                    log_event(Event.DOORBELL_MISSED, user_id, agent.epoch)
            case State.IDLE:
                return self.start(agent)
        return agent

    def start(self, agent: Agent) -> Agent:
        """Idle -> Starting, and a task for it. One of many callers wins; the others do nothing.

        Where the kill switch is set or this hour's starts are used up it stays idle, with a note, and the watchdog
        asks again.
        """
        if halt := self.limits.halts.of(agent.user_id):
            return self._hold(agent, halt)
        try:
            self.limits.take(agent.user_id, STARTS)
        except RateLimited:
            return self._hold(agent, STARTS_SPENT)
        begun = self.agents.begin(agent, self.new_key(), self.clock())
        if begun is None:
            self.limits.give_back(agent.user_id, STARTS)
            return self.agents.get(agent.user_id)
        log_event(Event.START_REQUESTED, begun.user_id, begun.epoch)
        self.pages.status(begun)
        return self.launch(begun)

    def launch(self, agent: Agent) -> Agent:
        """The task of an agent that is Starting; repeated calls give the same task."""
        try:
            arn = self.tasks.run(agent)
        except NoCapacity as error:
            return self._postpone(agent, NO_CAPACITY, error)
        except StartRefused as error:
            return self._postpone(agent, start_refused(str(error)), error)
        except AgentUnavailable as error:  # the watchdog finds its task, or gives the start up
            log.warning("no word of the task: %s", error, extra={"user": agent.user_id, "epoch": agent.epoch})
            return agent
        known = self.agents.launched(agent, arn, self.clock())
        if known is None or known.state is State.STOPPING:
            self.tasks.stop(arn, "nobody wants it any more")
        return known or agent

    def shown(self, agent: Agent) -> Agent:
        """As it is told: its row may not know yet of the kill switch, or still."""
        halt = self.limits.halts.of(agent.user_id)
        return replace(agent, note=halt) if halt or agent.note in HALTS else agent

    def _hold(self, agent: Agent, note: str) -> Agent:
        if agent.note == note:
            return agent
        held = self.agents.set_note(agent.user_id, agent.epoch, note) or replace(agent, note=note)
        self.pages.status(held)
        return held

    def _postpone(self, agent: Agent, note: str, error: AgentUnavailable) -> Agent:
        """There certainly is no task: Idle again, and the watchdog tries again while something waits."""
        log.warning("no start: %r", error.__cause__ or error, extra={"user": agent.user_id, "epoch": agent.epoch})
        self.limits.give_back(agent.user_id, STARTS)
        result = "failed" if isinstance(error, StartRefused) else "no capacity"  # each has an alarm
        log_event(Event.START_ENDED, agent.user_id, agent.epoch, result=result)
        self.agents.set_note(agent.user_id, agent.epoch, note)
        idle = self.agents.stopped(agent, self.clock()) or agent
        self.pages.status(idle)
        return idle

    def _settled(self, agent: Agent) -> Agent:
        for _ in range(STOPPING_POLLS):
            if agent.state is not State.STOPPING:
                break
            self.sleep(STOPPING_POLL)
            agent = self.agents.get(agent.user_id)
        return agent
