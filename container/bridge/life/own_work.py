"""What OpenClaw works at by itself keeps it awake, is told beside its status, and is told of where it was cut off."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.notes import HOLDS, WORKS, at_work, read_note, work_cut
from chalicelib.domain.own_work import NOTHING, OwnWork, Watch, WorkVerdict
from chalicelib.ports import Clock
from chalicelib.tables.rows import Rows
from container.bridge.ports import Gateway, Owner, ShowStatus, Suspension


@dataclass
class OwnWorkWatch:
    """Used by the lifecycle's thread."""

    owner: Owner
    rows: Rows
    gateway: Gateway
    clock: Clock
    show: ShowStatus
    watch: Watch = field(default_factory=Watch)
    suspension: Suspension | None = None  # while it begins nothing new
    wake: datetime | None = None  # its next cron time, of before: suspended it tells no more

    def permits(self, agent: Agent, quiet: datetime | None, idle: timedelta) -> datetime | None:
        """The moment up to which the last activity must lie so that the agent may stop; None while it must not.

        `quiet`: the same for what the row alone says, without which OpenClaw is not asked unless it worked before. It
        is suspended when it may stop: `resume` where it does not.
        """
        now = self.clock()
        self.watch = self.watch.hear(agent.next_seq, now)
        if agent.state is not State.RUNNING or agent.inflight or agent.waiting:
            self.attended()
            return None
        if (quiet is None and not self.watch.works) or not self.watch.may_ask(now):
            return None
        hours = self._hours()  # first: what OpenClaw answers must not be lost to a table that fails
        work = self._ask()
        over = work not in (None, NOTHING) and self.watch.is_over(now, hours, idle)
        verdict, self.watch = self.watch.judge(work, now, over=over)
        if verdict is WorkVerdict.RESTS:
            return agent.last_active_at if over else quiet
        self.resume()
        if verdict is WorkVerdict.WORKS and work:
            self._keep_awake(agent, work, now)
        elif verdict is WorkVerdict.ENDED:
            self._withdraw(agent)
        return None

    def attended(self) -> None:
        """A person is why it is awake: nothing else need be told."""
        if self.watch.works:
            self._withdraw(self.rows.agents.get(self.owner.user_id))
            self.watch = replace(self.watch, works=False)

    def resume(self) -> None:
        if self.suspension:
            self.gateway.resume(self.suspension)
            self.suspension = None

    def cut(self, *, answering: bool) -> bool:
        """For who leaves: is OpenClaw stopped in the middle of work, so that its owner is told?

        `answering`: a turn was, too, and is no work of its own.
        """
        if self.suspension or not self.gateway.wait_ready(0.0):
            return False
        work = self._suspend() or NOTHING
        work = replace(work, turns=0) if answering else work
        agent = self.rows.agents.get(self.owner.user_id)
        if work == NOTHING or agent.epoch != self.owner.epoch or agent.note in HOLDS:
            return False
        return self._note(agent, work_cut(work))

    def _ask(self) -> OwnWork | None:
        self.wake = self.gateway.next_wake()
        work = self._suspend()
        return work if self.suspension or work != NOTHING else None

    def _suspend(self) -> OwnWork | None:
        answer = self.gateway.suspend()
        self.suspension = answer if answer and answer.id else None
        return answer.work if answer else None

    def _hours(self) -> int:
        return self.rows.settings.get(self.owner.user_id).own_work_hours

    def _keep_awake(self, agent: Agent, work: OwnWork, now: datetime) -> None:
        """A note of something else stays: it is of something that went wrong."""
        self.rows.agents.touch(self.owner.user_id, self.owner.epoch, now)
        note = at_work(work)
        if agent.note != note and read_note(agent.note)[0] in (None, WORKS):
            self._note(agent, note)

    def _withdraw(self, agent: Agent) -> None:
        if agent.epoch == self.owner.epoch and read_note(agent.note)[0] == WORKS:
            self._note(agent, None)

    def _note(self, agent: Agent, note: str | None) -> bool:
        noted = self.rows.agents.replace_note(agent, note)
        if noted:
            self.show(noted)
        return noted is not None
