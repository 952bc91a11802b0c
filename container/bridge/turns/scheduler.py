"""Which turns run: takes messages from the inbox, one at a time per conversation, conversations beside each other.

One thread owns all of it. Only that thread looks into the inbox, begins turns, knows which ones run, cancels them,
lets pages catch up, brings away what the outbox still has, and stops. Others leave word in its mailbox: the doorbell
rings it, a turn says how it ended, the lifecycle tells it to stop. So nothing here needs a lock, and what runs does not
change while the inbox is read.

The doorbell and a timer both lead to a look; so a lost doorbell costs two seconds, not a message.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.inbox import Catchup, Delivery, Message, heads, next_head
from chalicelib.domain.stream import Stream
from chalicelib.domain.turn import Approval
from chalicelib.errors import Fenced
from chalicelib.tables.answers import read_delivery
from chalicelib.tables.approvals import AskedApproval
from container.bridge.events import CommitFailed, FencedOff, Report
from container.bridge.mailbox import Mailbox, Promise
from container.bridge.turns.commit import brings
from container.bridge.turns.heartbeat import Heartbeat
from container.bridge.turns.parts import TurnParts
from container.bridge.turns.turn import Turn, TurnEnd

log = logging.getLogger(__name__)
POLL = 2.0  # seconds between looks without a doorbell
ABORT_TIMEOUT = 5.0  # seconds for turns that were told to end
CHANNEL_TIMEOUT = 8.0  # seconds for answers on their way to a chat


@dataclass(frozen=True)
class TurnEnded:
    turn: Turn
    end: TurnEnd


@dataclass(frozen=True)
class StopTurns:
    """No new ones; what runs may go on until `by`, then it goes back to the inbox."""

    by: datetime


class TurnScheduler:
    """`ring`, `inflight` and `busy` are for any thread, `start` and `stop` for the lifecycle's."""

    def __init__(self, parts: TurnParts, report: Report) -> None:
        """`report` hears when another epoch began, and when an answer could not be committed."""
        self._parts, self._report = parts, report
        self._mailbox: Mailbox[TurnEnded | StopTurns] = Mailbox(parts.concurrency)
        self._running: dict[str, Turn] = {}  # by conversation
        self._heartbeat = Heartbeat(parts.rows.agents, parts.owner, parts.clock)
        self._open = True  # for new turns
        self._started = False
        self._over: Promise[bool] = Promise(parts.concurrency)

    @property
    def inflight(self) -> int:
        """How many turns run; a moment later it may be another number."""
        return len(self._running)

    @property
    def busy(self) -> bool:
        return self.inflight > 0

    def ring(self) -> None:
        self._mailbox.ring()

    def start(self) -> None:
        self._started = True
        self._parts.concurrency.spawn(self.run, "turns")

    def stop(self, timeout: float) -> None:
        """What runs has `timeout` seconds, and some more to end when it is told to. Then the channels are closed."""
        self._mailbox.put(StopTurns(self._parts.clock() + timedelta(seconds=timeout)))
        if self._started:
            self._over.wait(timeout + ABORT_TIMEOUT)
        else:
            self.run()
        self._parts.deliveries.channels.close(CHANNEL_TIMEOUT)

    def run(self) -> None:
        """The thread: looks whenever there is reason to, and every `POLL` seconds."""
        try:
            while not isinstance(found := self.step(), StopTurns):
                self._mailbox.wait(found)
            self._wind_down(found.by)
        except Fenced as error:
            log.warning("%s", error)
            self._report(FencedOff(str(error)))
        finally:
            self._over.put(True)

    def step(self) -> StopTurns | float:
        """Reads what others have left, then looks into the inbox: the order to stop, or seconds until the next look.

        Raises Fenced.
        """
        if stop := self._read_mail():
            return stop
        try:
            pause = self._look()
            if self._running:
                self._heartbeat.beat()
        except Fenced:
            raise
        except Exception:
            log.exception("the inbox could not be read")
            return POLL
        return pause

    def _look(self) -> float:
        """Seconds until the next look: a message that still gathers is begun when it is all there."""
        carried = self._parts.deliveries.channels.carried()  # before the look: what arrives meanwhile is in its list
        work = self._parts.rows.inbox.look(self._parts.owner.user_id)
        self._cancel(work.messages)
        self._catch_up(work.catchups)
        self._decide(work.asked)
        for delivery in map(read_delivery, work.deliveries):
            if delivery not in carried and not self._is_brought(delivery):
                self._redeliver(delivery)
        now = self._parts.clock()
        for message in heads(work.messages, self._running, now):
            if self._open and not self._mailbox.has(StopTurns):
                self._begin(message)
        wait = next_head(work.messages, now)
        return POLL if wait is None else min(POLL, wait.total_seconds())

    def _read_mail(self) -> StopTurns | None:
        """What others have left; the order to stop, if that was in it. Raises Fenced."""
        stop = None
        for each in self._mailbox.take():
            match each:
                case StopTurns():
                    stop = each
                case TurnEnded(turn, end):
                    self._ended(turn, end)
        return stop

    def _ended(self, turn: Turn, end: TurnEnd) -> None:
        del self._running[turn.message.conversation_id]
        match end:
            case TurnEnd.FENCED:
                raise Fenced(f"epoch {self._parts.owner.epoch} is over")
            case TurnEnd.UNCOMMITTED:
                self._open = False  # or it would begin the same message again
                self._report(CommitFailed(turn.message.id))
            case TurnEnd.COMMITTED | TurnEnd.RETURNED | TurnEnd.UNCLAIMED:
                return

    def _begin(self, message: Message) -> None:
        turn = self._make(message)
        self._running[message.conversation_id] = turn
        self._parts.concurrency.spawn(lambda: self._play(turn), f"turn {message.id}")

    def _make(self, message: Message) -> Turn:
        return Turn(self._parts, message)

    def _play(self, turn: Turn) -> None:
        """In the turn's thread; whatever happens, the conversation is free afterwards."""
        self._mailbox.put(TurnEnded(turn, turn.run()))

    def _wind_down(self, by: datetime) -> None:
        self._wait_quiet(by)
        for turn in self._running.values():
            turn.drop()
        self._wait_quiet(by + timedelta(seconds=ABORT_TIMEOUT))

    def _wait_quiet(self, until: datetime) -> None:
        while self._running and (left := (until - self._parts.clock()).total_seconds()) > 0:
            self._mailbox.wait(left)
            self._read_mail()

    def _is_brought(self, delivery: Delivery) -> bool:
        """By the turn that has committed it."""
        return any(brings(turn.message, delivery) for turn in self._running.values())

    def _redeliver(self, delivery: Delivery) -> None:
        try:
            self._parts.deliveries.redeliver(delivery)
        except Exception:
            log.exception("answer %d stays in the outbox", delivery.seq)

    def _cancel(self, messages: Iterable[Message]) -> None:
        for message in messages:
            turn = self._running.get(message.conversation_id)
            if message.cancelled and turn and turn.message.id == message.id:
                turn.cancel()

    def _decide(self, asked: Iterable[AskedApproval]) -> None:
        """Again with each look, until the turn has heard that OpenClaw knows; what no turn waits for is void."""
        for each in asked:
            if not self._waits(each):
                self._void(each)
            elif each.decision:
                self._parts.gateway.decide(each.id, each.decision)

    def _waits(self, asked: AskedApproval) -> bool:
        turn = self._running.get(asked.conversation_id)
        return asked.epoch == self._parts.owner.epoch and turn is not None and turn.message.id == asked.turn

    def _void(self, asked: AskedApproval) -> None:
        """The turn that asked is gone, with its container or before it; whoever answers the message asks anew."""
        stream = Stream(asked.conversation_id, asked.turn)
        stream.note(Approval(asked.id, asked.command, state="expired"))
        for frame in stream.take():
            self._parts.deliveries.send(frame)
        self._parts.rows.approvals.forget(asked.user_id, asked.id, self._parts.owner.epoch)

    def _catch_up(self, catchups: Iterable[Catchup]) -> None:
        for catchup in catchups:
            if turn := self._running.get(catchup.conversation_id):
                turn.catch_up(catchup.connection_id)
            self._parts.rows.inbox.asked(catchup)
