"""One message from claim to delivery: settings, files, OpenClaw, stream, commit.

Whatever happens to this process, the inbox still has every message whose answer is not committed.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from enum import Enum

from chalicelib.domain import protocol
from chalicelib.domain.conversation import Entry, answer
from chalicelib.domain.failures import HUNG, INTERNAL
from chalicelib.domain.inbox import MAX_CLAIMS, POISONED, Delivery, Message, entry_of
from chalicelib.domain.kept import Media
from chalicelib.domain.lengths import cut
from chalicelib.domain.signals import Event
from chalicelib.domain.stream import Stream
from chalicelib.domain.text import guess_language
from chalicelib.domain.turn import Approval, Choice, Delta, Failed, Finished, Handed, Tool, Waiting
from chalicelib.errors import Fenced
from chalicelib.tables.approvals import AskedApproval
from container.bridge.ports import Channel, FilesMissing
from container.bridge.retry import PAUSES, attempt, retry
from container.bridge.turns.commit import commit
from container.bridge.turns.media import explain
from container.bridge.turns.parts import TurnParts
from container.bridge.turns.prefetch import PrefetchedSettings
from container.bridge.turns.streaming import StreamWriter

log = logging.getLogger(__name__)
REST = 2.0  # seconds that the conversation rests after a claim that could not be made
SILENCED = Finished("", "cancelled", None)  # before OpenClaw was asked


class TurnEnd(Enum):
    """What has become of the message."""

    COMMITTED = "committed"
    RETURNED = "returned"  # it is in the inbox again, for the next container
    UNCLAIMED = "unclaimed"  # somebody else had it, or the tables did not answer
    UNCOMMITTED = "uncommitted"  # its answer is lost, and it stays claimed: for a fresh start
    FENCED = "fenced"  # another epoch owns the user


class Turn:
    """`run` is the turn's thread, and all that it works with is that thread's.

    The scheduler's thread makes it and may say three things to it: that a page wants to catch up, that it is
    cancelled, and that the agent must go. The last two are flags that are only ever raised, and OpenClaw is told.
    """

    def __init__(self, parts: TurnParts, message: Message) -> None:
        self._parts = parts
        self.message = message  # as this epoch has claimed it
        self._writer = self._make_writer()
        self._began_at = parts.clock()
        self._has_words = False
        self._mirrors = False  # its answer is shown in the linked chats too
        self._cancelled = message.cancelled
        self._dropped = False  # give the message back instead of committing a part of an answer

    def catch_up(self, connection_id: str) -> None:
        self._parts.deliveries.look_again()
        self._writer.catch_up(connection_id)

    def cancel(self) -> None:
        """Its person wants no more of it."""
        if not self._cancelled:
            self._cancelled = True
            self._abort()

    def drop(self) -> None:
        """The agent must go."""
        self._dropped = True
        self._abort()

    def run(self) -> TurnEnd:
        """From claim to delivery; raises nothing."""
        try:
            return self._work()
        except Fenced as error:
            log.warning("%s", error)
            return TurnEnd.FENCED
        except Exception:
            log.exception("turn %s was not committed", self.message.id)
            return TurnEnd.UNCOMMITTED

    def _work(self) -> TurnEnd:
        settings = PrefetchedSettings(self._parts.rows.settings, self._parts.owner.user_id, self._parts.concurrency)
        settings.start()
        if not self._is_ours():
            self._parts.concurrency.sleep(REST)
            return TurnEnd.UNCLAIMED
        self._begin()
        outcome = self._outcome(settings)
        for approval in self._writer.stream.aside.undecided():
            self._note(replace(approval, state="expired"))
        if self._dropped and isinstance(outcome, Finished) and outcome.stop_reason == "cancelled":
            return self._give_back()
        self._close(outcome)
        return TurnEnd.COMMITTED

    def _is_ours(self) -> bool:
        try:
            return self._claim()
        except Fenced:
            raise
        except Exception:
            log.exception("turn %s cannot be claimed now", self.message.id)
            return False

    def _claim(self) -> bool:
        """A claim of this epoch that nobody works on is ours as well: its answer was lost. Raises Fenced."""
        parts, epoch = self._parts, self._parts.owner.epoch
        if self.message.claim_epoch == epoch:
            return True
        claimed = parts.rows.inbox.claim(self.message, epoch, parts.clock())
        if claimed:
            self.message = claimed
            return True
        current = parts.rows.agents.get(parts.owner.user_id).epoch
        if current != epoch:
            raise Fenced(f"epoch {epoch} is over, {current} has begun")
        return False

    def _begin(self) -> None:
        parts, message = self._parts, self.message
        self._began_at = parts.clock()
        parts.deliveries.look_again()
        self._channel.begin(message)
        parts.concurrency.spawn(self._writer.run, f"stream {message.id}")
        parts.log(Event.TURN_BEGAN, message, took=self._began_at - message.accepted_at)
        if message.claims > 1:
            parts.log(Event.TURN_RETRIED, message)

    def _outcome(self, settings: PrefetchedSettings) -> Finished | Failed:
        if self._cancelled:
            return SILENCED
        if self.message.claims > MAX_CLAIMS:
            return POISONED
        try:
            return self._listen(settings)
        except FilesMissing as error:
            return error.failure
        except Exception:
            log.exception("turn %s failed", self.message.id)
            return INTERNAL

    def _listen(self, prefetched: PrefetchedSettings) -> Finished | Failed:
        message, settings = self.message, prefetched.get()
        self._mirrors = settings.mirror
        attachments = self._channel.attachments(message)
        if self._cancelled or self._dropped:
            return SILENCED
        # Nobody ever worked on it, so OpenClaw need not be asked whether it has it already.
        fresh, choice = not message.tried, self._parts.choices.due(message.conversation_id, settings)
        for event in self._parts.gateway.run(
            message.conversation_id, message.id, message.text, attachments, fresh=fresh, choice=choice
        ):
            match event:
                case Delta():
                    self._show(event)
                case Tool() | Waiting() | Approval():
                    self._note(event)
                case Choice():
                    self._parts.choices.told(message.conversation_id, event)
                case Finished():
                    return self._receive(event, settings.language or guess_language(message.text))
                case Failed():
                    return event
        raise RuntimeError("the gateway ended a turn without an outcome")

    def _note(self, event: Tool | Waiting | Approval) -> None:
        """The row of an approval comes first: who sees the question may answer it."""
        if isinstance(event, Approval):
            self._keep(event)
        self._writer.note(event)

    def _keep(self, approval: Approval) -> None:
        parts, owner = self._parts, self._parts.owner
        rows, sleep = parts.rows.approvals, parts.concurrency.sleep
        if approval.state == "open":
            place = (self.message.conversation_id, self.message.id)
            asked = AskedApproval(owner.user_id, approval.id, owner.epoch, *place, approval.command)
            retry(lambda: rows.ask(asked, parts.clock()), sleep)
            self._channel.ask(self.message, approval)
        else:
            attempt(lambda: rows.forget(owner.user_id, approval.id, owner.epoch), sleep, PAUSES)

    def _receive(self, outcome: Finished, language: str) -> Finished:
        """The files that come with an answer are taken before it is committed."""
        if self._dropped and outcome.stop_reason == "cancelled":
            return outcome  # it is given back, and the seconds until SIGKILL are counted
        lost: list[Handed] = []
        for each in self._parts.shelf.take(self.message, outcome.handed, lambda: not self._cancelled):
            if isinstance(each, Media):
                self._writer.note(each)
            else:
                lost.append(each)
        return replace(outcome, text=explain(outcome.text, lost, language)) if lost else outcome

    def _show(self, delta: Delta) -> None:
        """The first words void what a page may hold of an attempt that died: its pieces had the same numbers."""
        if delta.text and not self._has_words:
            self._has_words = True
            delta = replace(delta, replace=True)
            self._parts.log(Event.FIRST_WORD, self.message, took=self._parts.clock() - self._began_at)
        self._writer.write(delta)
        self._channel.show(self.message, self._writer.stream.text)

    def _give_back(self) -> TurnEnd:
        self._writer.finish()
        self._channel.drop(self.message)
        self._parts.rows.inbox.release(self.message, self._parts.owner.epoch, self._parts.clock())
        self._parts.log(Event.TURN_RETURNED, self.message)
        return TurnEnd.RETURNED

    def _close(self, outcome: Finished | Failed) -> None:
        """What the page has rendered, what is committed and what the final frame vouches for are the same text."""
        if isinstance(outcome, Finished):
            outcome = replace(outcome, text=cut(outcome.text))
        if isinstance(outcome, Finished) and outcome.text != self._writer.stream.text:
            self._writer.write(Delta(outcome.text, replace=True))
        self._writer.finish()
        parts, now = self._parts, self._parts.clock()
        took = now - self._began_at
        entry = answer(entry_of(self.message), outcome, now, round(took.total_seconds() * 1000))
        entry = replace(entry, tools=self._writer.stream.aside.ledger.keep(), media=self._writer.stream.aside.media())
        delivery, entry = commit(parts, self.message, entry, mirror=self._mirrors)
        self._deliver(delivery, entry)
        result = "hung" if entry.error_key == HUNG.key else entry.error_code or entry.status
        parts.log(Event.TURN_ENDED, self.message, result, took)

    def _deliver(self, delivery: Delivery, entry: Entry) -> None:
        try:
            self._parts.deliveries.deliver(delivery, entry)
        except Exception:
            log.exception("answer %s stays in the outbox", entry.id)

    def _abort(self) -> None:
        self._parts.gateway.abort(self.message.conversation_id, self.message.id)

    @property
    def _channel(self) -> Channel:
        return self._parts.deliveries.channels.of(self.message)

    def _make_writer(self) -> StreamWriter:
        parts, message = self._parts, self.message
        stream = Stream(message.conversation_id, message.id)
        question = protocol.message(entry_of(message))
        return StreamWriter(stream, parts.deliveries, parts.concurrency, parts.clock, question)
