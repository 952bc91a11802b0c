"""Turns: claim a message, have OpenClaw answer it, commit, deliver, take the next one of the conversation.

The doorbell and a timer both lead to `look`, which reads the inbox; so a lost doorbell costs two seconds, not a
message. One turn at a time per conversation, conversations beside each other. Whatever happens to this process,
the inbox still has every message whose answer is not committed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain import protocol
from chalicelib.domain.conversation import Entry, answer
from chalicelib.domain.inbox import MAX_CLAIMS, POISONED, Catchup, Delivery, Message, heads, next_head
from chalicelib.domain.signals import Event
from chalicelib.domain.stream import Stream
from chalicelib.domain.turn import Delta, Failed, Finished, Tool
from chalicelib.errors import Fenced
from chalicelib.logs import log_event
from chalicelib.ports import Clock
from chalicelib.tables.answers import delivery_key, delivery_of, read_delivery
from chalicelib.tables.rows import Rows
from container.bridge.ports import Concurrency, FilesMissing, Gateway, ModelRefused
from container.bridge.retry import retry
from container.bridge.turns.delivery import Deliveries
from container.bridge.turns.settings import SettingsRead
from container.bridge.turns.streaming import StreamWriter

log = logging.getLogger(__name__)
POLL = 2.0  # seconds between looks without a doorbell
TOUCH = timedelta(seconds=25)  # between signs of life while a turn runs
COMMIT_PAUSES = (0.2, 0.5, 1, 2, 4, *(8,) * 12)  # seconds; much longer than a store is usually away
INTERNAL = Failed("internal", "Something went wrong on our side. Send the message again.", retryable=True)


@dataclass
class Turn:
    """A message this epoch has claimed."""

    message: Message
    writer: StreamWriter
    settings: SettingsRead
    started_at: datetime
    poisoned: bool = False  # too many containers died on it
    heard: bool = False  # the first word came
    mirror: bool = False  # its answer is shown in the linked chats too
    dropped: bool = False  # the agent must go: give the message back instead of committing a torso


@dataclass
class Turns:
    epoch: int
    rows: Rows
    deliveries: Deliveries
    gateway: Gateway
    concurrency: Concurrency
    clock: Clock
    fenced: bool = False  # another epoch owns the user: nothing of ours has an effect any more
    failed: bool = False  # an answer could not be committed: a fresh start may do better

    def __post_init__(self) -> None:
        self._user_id = self.deliveries.user_id
        self.channels = self.deliveries.channels
        self._running: dict[str, Turn] = {}  # by conversation
        self._begun: set[str] = set()  # ids of the messages that this process has worked on
        self._delivering: set[str] = set()  # outbox rows that a turn of this process brings away
        self._models: dict[str, str | None] = {}  # what each session was told
        self._bell, self._quiet = self.concurrency.signal(), self.concurrency.signal()
        self._touched_at = self.clock()
        self._stopping = False
        self._pause = POLL  # seconds until the next look

    @property
    def busy(self) -> bool:
        return bool(self._running)

    @property
    def inflight(self) -> int:
        return len(self._running)

    def ring(self) -> None:
        self._bell.set()

    def run(self) -> None:
        """Looks whenever it is rung for, and every `POLL` seconds, until `stop` or until another epoch began."""
        while not self._stopping and not self.fenced:
            try:
                self.look()
                self._show_life()
            except Fenced as error:
                log.warning("%s", error)
                self.fenced = True
            except Exception:
                log.exception("the inbox could not be read")
            self._bell.wait(self._pause)

    def look(self) -> None:
        """One look into the inbox. Raises Fenced when another epoch owns the user."""
        work = self.rows.inbox.look(self._user_id)
        self._abort(work.messages)
        self._catch_up(work.catchups)
        for row in work.deliveries:
            delivery = read_delivery(row)
            if row["sk"] not in self._delivering and not self.channels.carries(delivery):
                self._redeliver(delivery)
        now = self.clock()
        wait = next_head(work.messages, now)
        self._pause = POLL if wait is None else min(POLL, wait.total_seconds())
        for message in heads(work.messages, self._running, now):
            if not self._stopping and message.id not in self._begun:
                self._begin(message)

    def stop(self, timeout: float) -> None:
        """Takes no new message; what runs has `timeout` seconds, then it goes back to the inbox."""
        self._stopping = True
        self._bell.set()
        self._wait_quiet(timeout)
        for turn in list(self._running.values()):
            turn.dropped = True
            self.gateway.abort(turn.message.conversation_id, turn.message.id)
        self._wait_quiet(timeout=10.0)
        self.channels.close(timeout=10.0)

    def _wait_quiet(self, timeout: float) -> None:
        deadline = self.clock() + timedelta(seconds=timeout)
        while self._running and self.clock() < deadline:
            self._quiet.wait(0.5)

    def _begin(self, message: Message) -> None:
        settings = SettingsRead(self.rows.settings, self._user_id, self.concurrency)
        claimed = self._claim(message)
        if claimed is None:
            self._check_epoch()
            return
        self.deliveries.look_again()
        self.channels.of(claimed).begin(claimed)
        stream = Stream(message.conversation_id, message.id)
        deliveries = self.deliveries
        question = protocol.message(message.entry())
        writer = StreamWriter(stream, deliveries.send, deliveries.reply, self.concurrency, self.clock, question)
        turn = Turn(claimed, writer, settings, self.clock(), claimed.claims > MAX_CLAIMS)
        self._running[message.conversation_id] = turn
        self._begun.add(message.id)
        self._tell(Event.TURN_BEGAN, claimed, took=turn.started_at - claimed.accepted_at)
        if claimed.claims > 1:
            self._tell(Event.TURN_RETRIED, claimed)
        self.concurrency.spawn(lambda: self._answer(turn), f"turn {message.id}")

    def _claim(self, message: Message) -> Message | None:
        """A claim of this epoch that nobody works on is ours as well: its answer was lost."""
        if message.claim_epoch == self.epoch:
            return message
        return self.rows.inbox.claim(message, self.epoch, self.clock())

    def _answer(self, turn: Turn) -> None:
        """One turn from claim to delivery; whatever happens, the conversation is free afterwards."""
        try:
            outcome = self._outcome(turn)
            if turn.dropped and isinstance(outcome, Finished) and outcome.stop_reason == "cancelled":
                turn.writer.finish()
                self.channels.of(turn.message).drop(turn.message)
                self.rows.inbox.release(turn.message, self.epoch, self.clock())
                self._tell(Event.TURN_RETURNED, turn.message)
            else:
                self._close(turn, outcome)
        except Fenced as error:
            log.warning("%s", error)
            self.fenced = True
        except Exception:
            log.exception("turn %s was not committed", turn.message.id)
            self.failed = True
        finally:
            del self._running[turn.message.conversation_id]
            self._quiet.set()
            self._bell.set()

    def _outcome(self, turn: Turn) -> Finished | Failed:
        if turn.message.cancelled:
            return Finished("", "cancelled", None)
        if turn.poisoned:
            return POISONED
        try:
            return self._listen(turn)
        except (ModelRefused, FilesMissing) as error:
            return error.failure
        except Exception:
            log.exception("turn %s failed", turn.message.id)
            return INTERNAL

    def _listen(self, turn: Turn) -> Finished | Failed:
        message = turn.message
        self._choose_model(turn)
        attachments = self.channels.of(message).attachments(message)
        # Nobody ever worked on it, so OpenClaw need not be asked whether it has it already.
        fresh = not message.tried
        talk = message.conversation_id
        for event in self.gateway.run(talk, message.id, message.text, attachments, fresh=fresh):
            match event:
                case Delta():
                    self._hear(turn, event)
                case Tool():
                    turn.writer.note(event)
                case Finished() | Failed():
                    return event
        raise RuntimeError("the gateway ended a turn without an outcome")

    def _hear(self, turn: Turn, delta: Delta) -> None:
        """The first words void what a page may hold of an attempt that died: its pieces had the same numbers."""
        if delta.text and not turn.heard:
            turn.heard = True
            delta = replace(delta, replace=True)
            self._tell(Event.FIRST_WORD, turn.message, took=self.clock() - turn.started_at)
        turn.writer.write(delta)
        self.channels.of(turn.message).show(turn.message, turn.writer.stream.text)

    def _choose_model(self, turn: Turn) -> None:
        session = turn.message.conversation_id
        chosen = turn.settings.get()
        wanted, turn.mirror = chosen.model, chosen.mirror
        if self._models.get(session) != wanted:
            self.gateway.set_model(session, wanted)
            self._models[session] = wanted

    def _close(self, turn: Turn, outcome: Finished | Failed) -> None:
        """What the page has rendered, what is committed and what the final frame vouches for are the same text."""
        if isinstance(outcome, Finished) and outcome.text != turn.writer.stream.text:
            turn.writer.write(Delta(outcome.text, replace=True))
        turn.writer.finish()
        now = self.clock()
        duration = round((now - turn.started_at).total_seconds() * 1000)
        entry = answer(turn.message.entry(), outcome, now, duration)
        row = delivery_key(delivery_of(turn.message, entry))["sk"]
        mirrors = retry(lambda: self._mirrors(turn, entry), self.concurrency.sleep) if turn.mirror else []
        self._delivering.add(row)
        try:
            self._deliver(self._commit(turn.message, entry, mirrors), entry)
        finally:
            self._delivering.discard(row)
        self._tell(Event.TURN_ENDED, turn.message, entry.error_code or entry.status, now - turn.started_at)

    def _mirrors(self, turn: Turn, entry: Entry) -> list[Delivery]:
        return self.channels.mirrors(turn.message, self.rows.links.list(self._user_id), entry.seq)

    def _deliver(self, delivery: Delivery, entry: Entry) -> None:
        try:
            self.deliveries.deliver(delivery, entry)
        except Exception:
            log.exception("answer %s stays in the outbox", entry.id)

    def _redeliver(self, delivery: Delivery) -> None:
        try:
            self.deliveries.redeliver(delivery)
        except Exception:
            log.exception("answer %d stays in the outbox", delivery.seq)

    def _commit(self, message: Message, entry: Entry, mirrors: Sequence[Delivery]) -> Delivery:
        """Patient with a store that fails for a while: the answer is here and nowhere else. Raises the last error."""
        delivery = retry(lambda: self._try_commit(message, entry, mirrors), self.concurrency.sleep, COMMIT_PAUSES)
        if delivery is None:
            raise Fenced(f"the claim on {message.id} is not ours any more")
        return delivery

    def _try_commit(self, message: Message, entry: Entry, mirrors: Sequence[Delivery]) -> Delivery | None:
        try:
            return self.rows.answers.commit(message, self.epoch, entry, self.clock(), mirrors)
        except Exception:
            self._tell(Event.COMMIT_RETRIED, message)
            raise

    def _tell(self, event: Event, message: Message, result: str | None = None, took: timedelta | None = None) -> None:
        log_event(event, self._user_id, self.epoch, message=message.id, result=result, took=took)

    def _abort(self, messages: Iterable[Message]) -> None:
        for message in messages:
            turn = self._running.get(message.conversation_id)
            if message.cancelled and turn and turn.message.id == message.id and not turn.message.cancelled:
                turn.message = replace(turn.message, cancelled=True)
                self.gateway.abort(message.conversation_id, message.id)

    def _catch_up(self, catchups: Iterable[Catchup]) -> None:
        for catchup in catchups:
            if turn := self._running.get(catchup.conversation_id):
                self.deliveries.look_again()
                turn.writer.catch_up(catchup.connection_id)
            self.rows.inbox.asked(catchup)

    def _show_life(self) -> None:
        if self.busy and self.clock() - self._touched_at > TOUCH:
            self._touched_at = self.clock()
            if not self.rows.agents.touch(self._user_id, self.epoch, self.clock()):
                raise Fenced(f"epoch {self.epoch} is over")

    def _check_epoch(self) -> None:
        current = self.rows.agents.get(self._user_id).epoch
        if current != self.epoch:
            raise Fenced(f"epoch {self.epoch} is over, {current} has begun")
