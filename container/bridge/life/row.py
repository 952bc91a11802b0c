"""What a start writes into its agent's row, each step only while the row is its own, and shows to the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.agent import Agent, State, Step, step_times
from chalicelib.domain.signals import Event
from chalicelib.errors import Fenced
from chalicelib.logs import log_event
from chalicelib.ports import Clock, Sleep
from chalicelib.tables.rows import Rows
from container.bridge.ports import Owner, ShowStatus
from container.bridge.retry import LAST_PAUSES, START_PAUSES, attempt, retry

Value = TypeVar("Value")


@dataclass(frozen=True)
class Endpoint:
    """Where a start can be reached."""

    address: str  # host:port
    certificate_sha256: str


@dataclass(frozen=True)
class AgentRow:
    """Used by the lifecycle's thread. The steps of a start raise Fenced, or the store's error after some seconds."""

    owner: Owner
    rows: Rows
    show: ShowStatus
    sleep: Sleep
    clock: Clock

    def register(self, endpoint: Endpoint) -> None:
        facts = (endpoint.address, endpoint.certificate_sha256)
        if not retry(lambda: self.rows.agents.register(*self._key, *facts), self.sleep, START_PAUSES):
            raise Fenced(f"epoch {self.owner.epoch} is over")

    def enter(self, step: Step) -> None:
        entered = retry(lambda: self.rows.agents.enter(*self._key, step, self.clock()), self.sleep, START_PAUSES)
        self.show(self._owned(entered))

    def ready(self) -> Agent:
        return self._owned(retry(self._be_ready, self.sleep, START_PAUSES))

    def record(self, agent: Agent) -> None:
        """How long the start took, for the next estimate; not worth an end of the start."""
        attempt(lambda: self._record(agent), self.sleep)

    def stopping(self) -> Agent | None:
        """The row says that the agent stops. None when somebody else had said so, or nobody could."""
        return self._last(lambda: self.rows.agents.expire(*self._key, self.clock(), None))

    def read(self) -> Agent | None:
        return self._last(lambda: self.rows.agents.get(self.owner.user_id))

    def asleep(self, agent: Agent, next_wake: datetime | None, note: str | None) -> None:
        """Without it the watchdog finds out."""
        self._last(lambda: self.rows.agents.stopped(agent, self.clock(), next_wake, note))

    def _last(self, work: Callable[[], Value]) -> Value | None:
        """While the seconds until SIGKILL are counted."""
        return attempt(work, self.sleep, LAST_PAUSES)

    def _be_ready(self) -> Agent | None:
        """Nobody else writes Running under this epoch: what an earlier try has done is ours as well."""
        agents = self.rows.agents
        agent = agents.ready(*self._key, self.clock()) or agents.get(self.owner.user_id)
        return agent if (agent.epoch, agent.state) == (self.owner.epoch, State.RUNNING) else None

    def _record(self, agent: Agent) -> None:
        now = self.clock()
        self.rows.starts.record(agent, now)
        for step, took in step_times(agent).items():
            log_event(Event.STEP_PASSED, agent.user_id, agent.epoch, result=step, took=took)
        whole = now - agent.started_at if agent.started_at else None
        log_event(Event.START_ENDED, agent.user_id, agent.epoch, result="ready", took=whole)

    def _owned(self, agent: Agent | None) -> Agent:
        if agent is None:
            raise Fenced(f"epoch {self.owner.epoch} is over or was told to stop")
        return agent

    @property
    def _key(self) -> tuple[str, int]:
        return self.owner.user_id, self.owner.epoch
