"""The bridge's own life: register, start OpenClaw, serve, fall asleep when nobody speaks, leave in good order."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from chalicelib.domain.agent import Agent, State, Step
from chalicelib.domain.notes import RECLAIMED
from chalicelib.domain.signals import Event
from chalicelib.errors import Fenced
from chalicelib.logs import log_event
from chalicelib.tables.rows import Rows
from container.bridge.backup.backups import Backups
from container.bridge.life.idleness import Idleness
from container.bridge.life.presence import Presence
from container.bridge.ports import Signal, Supervisor
from container.bridge.retry import LAST_PAUSES, attempt, retry
from container.bridge.turns.scheduler import Turns

log = logging.getLogger(__name__)
Result = TypeVar("Result")
START_TIMEOUT = timedelta(minutes=5)  # the watchdog ends a start after six
TURN_SHARE = 3 / 8  # of the time between SIGTERM and SIGKILL, for the answer that is being written: 45 s of 120
BACKUP_SHARE = 3 / 8  # of the same time, for the last backup
HALT_TIMEOUT = 5.0  # seconds for OpenClaw to end; without a turn it takes half a second
SIGTERM = "SIGTERM"  # as `request_stop` is told of it
LOOK_IDLE = 15.0  # seconds between looks at the clock; less when the idle time is short


@dataclass(frozen=True)
class Place:
    """Which start this is, and where it can be reached."""

    user_id: str
    epoch: int
    address: str
    certificate_sha256: str


@dataclass
class Lifecycle:
    place: Place
    rows: Rows
    turns: Turns
    supervisor: Supervisor
    backups: Backups
    idle: timedelta
    stop_seconds: float = 120
    stage: Step = Step.CONTAINER
    reason: str = ""  # why it stops; empty while it does not

    def __post_init__(self) -> None:
        self.clock, self.concurrency = self.turns.clock, self.turns.concurrency
        self.gateway, self.deliveries = self.turns.gateway, self.turns.deliveries
        self._end: Signal = self.concurrency.signal()
        place = self.place
        self._idleness = Idleness(place.user_id, place.epoch, self.rows, self.gateway, self.clock, self.idle)
        self._presence = Presence(place.epoch, self.gateway, self.deliveries)

    def request_stop(self, reason: str) -> None:
        """From a signal handler or a request: says so and returns."""
        self.reason = self.reason or reason
        self._end.set()

    def look(self) -> None:
        """Something may have changed: do not wait until the next look."""
        self._end.set()

    def run(self) -> None:
        """From registration to good-bye. Returns when the process should end."""
        try:
            self._start()
            self._serve()
        except Fenced as error:
            log.warning("another start has taken over: %s", error)
            log_event(Event.AGENT_FENCED, self.place.user_id, self.place.epoch)
            return
        except Exception as error:
            log.exception("something failed for too long; leaving in good order, for OpenClaw may have worked already")
            self.request_stop(f"failed: {type(error).__name__}")
        self._leave()

    def _start(self) -> None:
        self.backups.begin()
        self._register()
        self._enter(Step.CONTAINER)
        if not self._state_is_there():
            return
        self.supervisor.go()
        self.backups.start()
        self._enter(Step.GATEWAY)
        if not self._openclaw_answers():
            return
        self._enter(Step.WORKSPACE)
        agent = self._owned(retry(self._be_ready, self.concurrency.sleep))
        self.stage = Step.READY
        self.concurrency.spawn(self.turns.run, "turns")
        attempt(lambda: self._record(agent), self.concurrency.sleep)
        self.deliveries.status(agent)
        if not agent.pending:
            self.concurrency.spawn(self.gateway.warm_up, "warm-up")

    def _register(self) -> None:
        place, agents = self.place, self.rows.agents
        facts = (place.user_id, place.epoch, place.address, place.certificate_sha256)
        if not retry(lambda: agents.register(*facts), self.concurrency.sleep):
            raise Fenced(f"epoch {place.epoch} is over")

    def _be_ready(self) -> Agent | None:
        """Nobody else writes Running under this epoch: what an earlier try has done is ours as well."""
        agents, place = self.rows.agents, self.place
        agent = agents.ready(place.user_id, place.epoch, self.clock()) or agents.get(place.user_id)
        return agent if (agent.epoch, agent.state) == (place.epoch, State.RUNNING) else None

    def _record(self, agent: Agent) -> None:
        now = self.clock()
        self.rows.starts.record(agent, now)
        for stage, took in agent.step_times().items():
            log_event(Event.STEP_PASSED, agent.user_id, agent.epoch, result=stage, took=took)
        whole = now - agent.started_at if agent.started_at else None
        log_event(Event.START_ENDED, agent.user_id, agent.epoch, result="ready", took=whole)

    def _state_is_there(self) -> bool:
        """It was restored beside everything so far. A state that could not be is not served, and not backed up."""
        while not self.reason and not self.backups.await_restore(1.0):
            continue
        if self.backups.fenced:
            raise Fenced(f"epoch {self.place.epoch} is over")
        if self.backups.problem:
            self.request_stop("the state could not be restored")
        return not self.reason

    def _openclaw_answers(self) -> bool:
        deadline = self.clock() + START_TIMEOUT
        while not self.reason and not self.gateway.wait_ready(1.0):
            if self.clock() > deadline:
                self.request_stop("OpenClaw did not start")
        return not self.reason

    def _enter(self, stage: Step) -> None:
        self.stage = stage
        place, agents = self.place, self.rows.agents
        entered = retry(lambda: agents.enter(place.user_id, place.epoch, stage, self.clock()), self.concurrency.sleep)
        self.deliveries.status(self._owned(entered))

    def _owned(self, agent: Agent | None) -> Agent:
        if agent is None:
            raise Fenced(f"epoch {self.place.epoch} is over or was told to stop")
        return agent

    def _serve(self) -> None:
        """Until somebody asks to stop, another epoch begins, or nobody spoke for long enough."""
        pause = min(LOOK_IDLE, max(0.2, self.idle.total_seconds() / 4))
        while not self.reason:
            self._end.wait(pause)
            if self.turns.fenced or self.backups.fenced:
                raise Fenced(f"epoch {self.place.epoch} is over")
            if self.turns.failed:
                self.request_stop("an answer could not be committed")
            if not self.reason:
                attempt(self._look_around, self.concurrency.sleep)

    def _look_around(self) -> None:
        self._presence.look()
        if not self.turns.busy and self._idleness.falls_asleep():
            self.request_stop("idle")

    def _leave(self) -> None:
        """SIGTERM's 120 seconds: the running turn, the outbox, the row. Then the process may end."""
        log.info("stopping: %s", self.reason)
        place, agents = self.place, self.rows.agents
        stopping = self._attempt(lambda: agents.expire(place.user_id, place.epoch, self.clock(), None))
        agent = stopping or self._attempt(lambda: agents.get(place.user_id))
        if agent and agent.epoch != place.epoch:
            return
        if agent:
            self.deliveries.status(agent)
        self.turns.stop(self.stop_seconds * TURN_SHARE)
        next_wake = attempt(self._next_wake, self.concurrency.sleep)
        self.gateway.close()
        self.supervisor.halt(HALT_TIMEOUT)
        self.backups.stop(self.stop_seconds * BACKUP_SHARE)
        if agent:
            self._say_goodbye(agent, next_wake, ours=stopping is not None)

    def _say_goodbye(self, agent: Agent, next_wake: datetime | None, *, ours: bool) -> None:
        """Without it the watchdog finds out."""
        # Nobody of ours had asked for the end, so AWS took the machine, or a person ended the product on a laptop.
        note = RECLAIMED if ours and self.reason == SIGTERM else None
        self._attempt(lambda: self.rows.agents.stopped(agent, self.clock(), next_wake, note))
        log_event(Event.AGENT_STOPPED, agent.user_id, agent.epoch, result=self.reason)
        # Read anew: where an answer was lost, trying again finds that it was done and gives nothing.
        idle = self._attempt(lambda: self.rows.agents.get(agent.user_id))
        if idle and idle.epoch == agent.epoch:
            self.deliveries.status(idle)

    def _next_wake(self) -> datetime | None:
        return self._idleness.next_wake() if self.stage is Step.READY else None

    def _attempt(self, work: Callable[[], Result]) -> Result | None:
        return attempt(work, self.concurrency.sleep, LAST_PAUSES)
