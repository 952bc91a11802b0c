"""Watchdog: gather the facts, let the domain decide, perform; each action conditional, so a sweep may come twice."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.conversation import answer
from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.inbox import entry_of
from chalicelib.domain.notes import AWS_SILENT, EXPLAIN_NO_START, FOR_THE_OWNER, read_note
from chalicelib.domain.signals import Event
from chalicelib.domain.turn import Failed
from chalicelib.domain.watchdog import Action, Adopt, Expire, Finish, Limits, Rest, StopOrphan, WakeUp, in_doubt, sweep
from chalicelib.errors import AgentUnavailable
from chalicelib.logs import log_event
from chalicelib.ports import Clock, Tasks
from chalicelib.services.budget import BudgetWatch
from chalicelib.services.identities import Identities
from chalicelib.services.notices import Notices
from chalicelib.services.wake import Wake
from chalicelib.tables.rows import Rows

log = logging.getLogger(__name__)
MAX_FAILURES = 3
MAX_HOPELESS = 2  # where only the owner can mend it: the second machine may have another disk than the first

NO_START = failed("agent_unavailable.no_start")


@dataclass(frozen=True)
class Watchdog:
    rows: Rows
    tasks: Tasks
    wake: Wake
    notices: Notices
    identities: Identities
    budget: BudgetWatch
    clock: Clock
    limits: Limits

    def run(self) -> list[Action]:
        """One sweep; the actions it took.

        What fails is raised when everything else has been looked after, so that the alarm hears of it.
        """
        actions = self._decide()
        tried = [self._try(type(action).__name__, partial(self._perform, action)) for action in actions]
        tried.append(self._try("sockets", self.identities.sweep))
        tried.append(self._try("budget", self.budget.look))
        if failures := [error for error in tried if error]:
            raise failures[0]
        return actions

    def _decide(self) -> list[Action]:
        """Nothing when ECS cannot be asked: an error is never "gone"."""
        agents = self.rows.agents.active()
        try:
            tasks = self.tasks.look_up([agent.task_arn for agent in agents if agent.task_arn])
        except AgentUnavailable as error:
            log.warning("no sweep: %s", error)
            log_event(Event.WATCHDOG_SKIPPED)
            self._note_silence(agents)
            return []
        self._withdraw_silence(agents)
        halts = {agent.user_id: self.rows.halts.of(agent.user_id) for agent in agents}
        halted = {user_id: halt for user_id, halt in halts.items() if halt}
        return list(sweep(agents, tasks, self.clock(), self.limits, halted))

    def _note_silence(self, agents: list[Agent]) -> None:
        """Beside nothing else: a note may say why no start can succeed, and the next start asks for that."""
        for agent in agents:
            if not agent.note and in_doubt(agent, self.clock(), self.limits):
                self._try("a note", partial(self._note, agent, AWS_SILENT))

    def _withdraw_silence(self, agents: list[Agent]) -> None:
        for agent in agents:
            if agent.note == AWS_SILENT:
                self._try("a note", partial(self._note, agent, None))

    def _note(self, agent: Agent, note: str | None) -> None:
        if noted := self.rows.agents.replace_note(agent, note):
            self.wake.show(noted)

    def _try(self, name: str, job: Callable[[], None]) -> Exception | None:
        try:
            job()
        except Exception as error:
            log.exception("%s failed, going on with the others", name)
            return error
        return None

    def _perform(self, action: Action) -> None:
        _record(action)
        match action:
            case Expire():
                self._expire(action)
            case Finish():
                self._finish(action)
            case Adopt(agent, task_arn):
                self.rows.agents.launched(agent, task_arn, self.clock())
            case WakeUp(agent):
                self._restart(agent)
            case Rest(agent):
                self.rows.agents.rest(agent)
            case StopOrphan(task_arn, reason):  # pragma: no branch  the last kind there is
                self.tasks.stop(task_arn, reason)

    def _expire(self, action: Expire) -> None:
        """Only who moved the row may stop the task: a message in between keeps it."""
        agent = action.agent
        if action.note:
            self.rows.agents.set_note(agent.user_id, agent.epoch, action.note)
        moved = agent.state is State.STOPPING or self.rows.agents.expire(
            agent.user_id,
            agent.epoch,
            self.clock(),
            action.quiet_since,
            starting=agent.state is State.STARTING,
        )
        if moved and agent.task_arn:
            self.tasks.stop(agent.task_arn, action.reason)
            self.wake.show(self.rows.agents.get(agent.user_id))

    def _finish(self, action: Finish) -> None:
        agent = action.agent
        if action.why:
            log.warning("a task stopped: %s", action.why, extra={"user": agent.user_id, "epoch": agent.epoch})
        idle = self.rows.agents.stopped(agent, self.clock(), note=action.note)
        if idle is None:
            return
        if idle.failures > agent.failures:
            log_event(Event.START_ENDED, agent.user_id, agent.epoch, result="failed")
        log_event(Event.AGENT_STOPPED, agent.user_id, agent.epoch, result=action.reason)
        self.wake.show(idle)
        if idle.waiting:
            self._restart(idle)

    def _restart(self, agent: Agent) -> None:
        """Starts again while something waits; after some failures in a row it says so instead.

        Behind the kill switch nobody gives up: what was accepted waits.
        """
        most = MAX_HOPELESS if read_note(agent.note)[0] in FOR_THE_OWNER else MAX_FAILURES
        if agent.failures < most or self.rows.halts.of(agent.user_id):
            self.wake.start(agent)
        else:
            self._give_up(agent)

    def _give_up(self, agent: Agent) -> None:
        now = self.clock()
        for message in self.rows.inbox.pending(agent.user_id):
            notice = answer(entry_of(message), _explained(agent), now, 0)
            delivery = self.rows.answers.refuse(message, agent.epoch, notice, now)
            if delivery and self.notices.send(entry_of(message), notice, delivery):
                self.rows.answers.delivered(delivery)
        lasts = read_note(agent.note)[0] in FOR_THE_OWNER  # nobody has mended it meanwhile
        self.rows.agents.forgive(agent, agent.note if lasts else None)


def _explained(agent: Agent) -> Failed:
    """With the reason, where the last start has left one that a person can do something about."""
    code, arguments = read_note(agent.note)
    return failed(f"agent_unavailable.{code}", **arguments) if code in EXPLAIN_NO_START else NO_START


def _record(action: Action) -> None:
    kind = type(action).__name__
    if isinstance(action, StopOrphan):
        log_event(Event.WATCHDOG_ACTED, result=kind)
    else:
        log_event(Event.WATCHDOG_ACTED, action.agent.user_id, action.agent.epoch, result=kind)
