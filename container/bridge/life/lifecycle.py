"""The bridge's own life: register, start OpenClaw, serve, fall asleep when nobody speaks, leave in good order.

The process's main thread leads it. Whatever others have to say to it, they leave in its mailbox: signals and requests
that it must stop, the turns and the backups that another epoch began, the gateway that OpenClaw came or went.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from chalicelib.domain.agent import Agent, Step
from chalicelib.domain.notes import RECLAIMED
from chalicelib.domain.signals import Event
from chalicelib.errors import Fenced
from chalicelib.logs import log_event
from chalicelib.ports import Clock
from chalicelib.tables.rows import Rows
from container.bridge.backup.backups import Backups
from container.bridge.backup.outcomes import NotRestored
from container.bridge.events import CommitFailed, FencedOff, LifeEvent, OpenClawChanged, StopRequested
from container.bridge.life.idleness import Idleness
from container.bridge.life.own_work import OwnWorkWatch
from container.bridge.life.presence import Presence
from container.bridge.life.row import AgentRow, Endpoint
from container.bridge.life.warmth import Warmth
from container.bridge.mailbox import Mailbox, within
from container.bridge.ports import Concurrency, Gateway, OpenClawControl, Owner, ShowStatus
from container.bridge.retry import attempt
from container.bridge.turns.scheduler import TurnScheduler

Value = TypeVar("Value")
log = logging.getLogger(__name__)
START_TIMEOUT = timedelta(minutes=5)  # the watchdog ends a start after six
# The parts of a leave. With what turns, channels and backups need to end they fit between SIGTERM and SIGKILL, 120 s.
ROW_TIMEOUT = 5.0  # seconds, for each of the two looks at the row
SHOW_TIMEOUT = 1.0  # for the pages to be told
TURN_SHARE = 3 / 8  # of the 120 s, for the answer that is being written
ASK_TIMEOUT = 4.0  # for OpenClaw to say when it wakes, and at what it works
CLOSE_TIMEOUT = 2.0  # for the connection to it
HALT_TIMEOUT = 5.0  # for OpenClaw to end; without a turn it takes half a second
BACKUP_SHARE = 17 / 60  # of the 120 s, for the last backup
SIGTERM = "SIGTERM"  # as `request_stop` is told of it
LOOK_IDLE = 15.0  # seconds between looks at the clock; less when the idle time is short


@dataclass(frozen=True)
class LifeParts:
    """What a life needs."""

    owner: Owner
    rows: Rows
    show: ShowStatus
    turns: TurnScheduler
    backups: Backups
    control: OpenClawControl
    gateway: Gateway
    concurrency: Concurrency
    clock: Clock


@dataclass(frozen=True)
class LifeTimes:
    idle: timedelta  # the deployment's
    stop_seconds: float = 120  # between SIGTERM and SIGKILL


class BridgeLifecycle:
    """`request_stop` is for any thread; of `step` and `reason` others may read what was last known."""

    def __init__(self, parts: LifeParts, times: LifeTimes, events: Mailbox[LifeEvent]) -> None:
        self._parts, self._times, self._events = parts, times, events
        owner, clock = parts.owner, parts.clock
        self._row = AgentRow(owner, parts.rows, parts.show, parts.concurrency.sleep, clock)
        work = OwnWorkWatch(owner, parts.rows, parts.gateway, clock, parts.show)
        self._idleness = Idleness(owner, parts.rows, parts.gateway, clock, times.idle, work)
        self._presence = Presence(owner, parts.rows.agents, parts.gateway, parts.control, parts.show)
        self.step = Step.CONTAINER
        self.reason = ""  # why it stops; empty while it does not

    def request_stop(self, reason: str) -> None:
        """From a signal handler or a request: says so and returns."""
        self._events.put(StopRequested(reason))

    def run(self, endpoint: Endpoint) -> None:
        """From registration to good-bye. Returns when the process should end."""
        try:
            self._start(endpoint)
            self._serve()
        except Fenced as error:
            log.warning("another start has taken over: %s", error)
            log_event(Event.AGENT_FENCED, self._parts.owner.user_id, self._parts.owner.epoch)
            self._stop("another start has taken over")
            return
        except Exception as error:
            log.exception("something failed for too long; leaving in good order, for OpenClaw may have worked already")
            self._stop(f"failed: {type(error).__name__}")
        self._leave()

    def _start(self, endpoint: Endpoint) -> None:
        parts = self._parts
        parts.backups.begin()
        self._row.register(endpoint)
        self._enter(Step.CONTAINER)
        if not self._state_is_there():
            return
        parts.control.go()
        parts.backups.start()
        self._enter(Step.GATEWAY)
        if not self._openclaw_answers():
            return
        self._enter(Step.WORKSPACE)
        agent = self._row.ready()
        self.step = Step.READY
        if self._must_stop():  # tables that were away may have kept us from hearing it
            return
        parts.turns.start()
        self._row.record(agent)
        parts.show(agent)
        if not agent.pending:
            parts.concurrency.spawn(parts.gateway.warm_up, "warm-up")
        warmth = Warmth(parts.gateway, parts.turns, parts.concurrency.sleep, lambda: bool(self.reason))
        parts.concurrency.spawn(warmth.run, "keep warm")

    def _state_is_there(self) -> bool:
        """It was restored beside everything so far. A state that could not be is not served, and not backed up."""
        outcome = None
        while outcome is None and not self._must_stop():
            outcome = self._parts.backups.await_restore(1.0)
        match outcome:
            case FencedOff(why):
                raise Fenced(why)
            case NotRestored():
                self._stop("the state could not be restored")
        return not self._must_stop()

    def _openclaw_answers(self) -> bool:
        deadline = self._parts.clock() + START_TIMEOUT
        while not self._must_stop() and not self._parts.gateway.wait_ready(1.0):
            if self._parts.clock() > deadline:
                self._stop("OpenClaw did not start")
        return not self.reason

    def _enter(self, step: Step) -> None:
        self.step = step
        self._row.enter(step)

    def _serve(self) -> None:
        """Until somebody asks to stop, another epoch begins, or nobody spoke for long enough."""
        pause = min(LOOK_IDLE, max(0.2, self._times.idle.total_seconds() / 4))
        while not self._must_stop():
            self._events.wait(pause)
            if not self._must_stop():
                attempt(self._look_around, self._parts.concurrency.sleep)

    def _look_around(self) -> None:
        self._presence.look()
        self._parts.backups.look()
        if self._parts.turns.busy:
            self._idleness.work.attended()
        elif self._idleness.falls_asleep():
            self._stop("idle")

    def _must_stop(self) -> bool:
        """Reads what others have left. Raises Fenced."""
        for event in self._events.take():
            match event:
                case StopRequested(reason):
                    self._stop(reason)
                case CommitFailed():
                    self._stop("an answer could not be committed")
                case FencedOff(why):
                    raise Fenced(why)
                case OpenClawChanged():
                    continue  # reason enough to look around
        return bool(self.reason)

    def _stop(self, reason: str) -> None:
        """The first reason counts."""
        self.reason = self.reason or reason

    def _leave(self) -> None:
        """SIGTERM's 120 seconds: the running turn, the outbox, the row. Then the process may end.

        Tables, pages and an OpenClaw that do not answer cost no more than their part: the last backup has its own.
        """
        log.info("stopping: %s", self.reason)
        parts, seconds = self._parts, self._times.stop_seconds
        asked, agent = self._within(ROW_TIMEOUT, self._say_stopping) or (False, None)
        if agent and agent.epoch != parts.owner.epoch:
            return
        if agent:
            self._within(SHOW_TIMEOUT, partial(parts.show, agent))
        answering = parts.turns.busy
        parts.turns.stop(seconds * TURN_SHARE)
        next_wake, cut = self._within(ASK_TIMEOUT, lambda: self._last_words(answering)) or (None, None)
        self._within(CLOSE_TIMEOUT, parts.gateway.close)
        parts.control.halt(HALT_TIMEOUT)
        log.info("last backup: %s", parts.backups.stop(seconds * BACKUP_SHARE))
        # Nobody of ours had asked for the end, so AWS took the machine, or a person ended the product on a laptop.
        note = RECLAIMED if asked and self.reason == SIGTERM and not cut else None
        self._within(ROW_TIMEOUT, partial(self._say_goodbye, agent, next_wake, note))

    def _within(self, seconds: float, work: Callable[[], Value]) -> Value | None:
        return within(seconds, work, self._parts.concurrency)

    def _say_stopping(self) -> tuple[bool, Agent | None]:
        """Was it for us to say? And the agent, as far as it can be read."""
        stopping = self._row.stopping()
        return stopping is not None, stopping or self._row.read()

    def _last_words(self, answering: bool) -> tuple[datetime | None, bool | None]:
        """When OpenClaw has something to do again; whether it was interrupted."""
        sleep = self._parts.concurrency.sleep
        return attempt(self._next_wake, sleep), attempt(lambda: self._cut(answering), sleep)

    def _say_goodbye(self, agent: Agent | None, next_wake: datetime | None, note: str | None) -> None:
        """`agent`: as it was at the beginning, where the tables answered then."""
        agent = agent or self._row.read()
        if agent is None or agent.epoch != self._parts.owner.epoch:
            return
        self._row.asleep(agent, next_wake, note)
        log_event(Event.AGENT_STOPPED, agent.user_id, agent.epoch, result=self.reason)
        # Read anew: where an answer was lost, trying again finds that it was done and gives nothing.
        idle = self._row.read()
        if idle and idle.epoch == agent.epoch:
            self._parts.show(idle)

    def _next_wake(self) -> datetime | None:
        return self._idleness.next_wake() if self.step is Step.READY else None

    def _cut(self, answering: bool) -> bool:
        return self.step is Step.READY and self._idleness.work.cut(answering=answering)
