"""Mutants of the bridge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.agent import State
from chalicelib.domain.inbox import Message
from chalicelib.domain.turn import Attachment, Delta, Finished, TurnEvent
from chalicelib.store import Delete, Equals, Table, Update, Write
from chalicelib.tables.agents import agent_key
from chalicelib.tables.inbox import Inbox, Work
from container.bridge.backup.saver import Saver
from container.bridge.events import LifeEvent, Report
from container.bridge.life.lifecycle import BridgeLifecycle, LifeParts, LifeTimes
from container.bridge.life.row import Endpoint
from container.bridge.mailbox import Mailbox
from container.bridge.ports import Gateway, Suspension
from container.bridge.turns.parts import TurnParts
from container.bridge.turns.scheduler import TurnScheduler
from container.bridge.turns.turn import Turn
from tests.simulation.folder import StateFolder
from tests.simulation.mutations import Changed, closes_message, is_message, without


class LongBell:
    """Waits to be rung for, and for nothing else."""

    def __init__(self, bell: Any) -> None:
        self.set, self._bell = bell.set, bell

    def wait(self, timeout: float) -> bool:
        return bool(self._bell.wait(1e6))


class OnlyRung(TurnScheduler):
    def __init__(self, parts: TurnParts, report: Report) -> None:
        super().__init__(parts, report)
        self._mailbox._bell = LongBell(self._mailbox._bell)


class ForgetfulTurn(Turn):
    def _claim(self) -> bool:
        return self.message.claim_epoch != self._parts.owner.epoch and super()._claim()


class ForgetsClaims(TurnScheduler):
    def _make(self, message: Message) -> Turn:
        return ForgetfulTurn(self._parts, message)


class OldestClock(Inbox):
    """In each conversation, what was written first by the clock of the machine that took it."""

    def look(self, user_id: str) -> Work:
        work = super().look(user_id)
        first: dict[str, Message] = {}
        for message in sorted(work.messages, key=lambda each: each.accepted_at):
            first.setdefault(message.conversation_id, message)
        return replace(work, messages=tuple(first.values()))


class ByWallClock(TurnScheduler):
    def __init__(self, parts: TurnParts, report: Report) -> None:
        inbox = OldestClock(parts.rows.inbox.store, parts.rows.inbox.sleep)
        super().__init__(replace(parts, rows=replace(parts.rows, inbox=inbox)), report)


class LastGasp(BridgeLifecycle):
    def run(self, endpoint: Endpoint) -> None:
        try:
            super().run(endpoint)
        finally:
            idle, key = {"status": State.IDLE.value}, agent_key(self._parts.owner.user_id)
            self._parts.rows.agents.store.write(Update(Table.TASK_STATE, key, set=idle))


class NeverTired(BridgeLifecycle):
    """Leaves falling asleep to the watchdog."""

    def __init__(self, parts: LifeParts, times: LifeTimes, events: Mailbox[LifeEvent]) -> None:
        super().__init__(parts, replace(times, idle=timedelta(hours=10)), events)


class StartsAnew(Saver):
    def _restore_with_retries(self) -> Any:
        try:
            return self.generations.restore()
        except Exception:  # noqa: BLE001
            return None


class WaitsForHolder(StateFolder):
    def stand(self, seconds: float) -> None:
        while self.openclaw.line.scheduler.now < self.held_until:
            super().stand(seconds)


class Untouched(Changed):
    """Work leaves no time on the row."""

    def change(self, write: Write) -> Write:
        if isinstance(write, Update) and write.table is Table.TASK_STATE and write.set.get("status") is None:
            kept = {name: value for name, value in write.set.items() if name != "lastActivityAt"}
            return replace(write, set=kept or {"touched": True})
        return without(write, "inflight", "pending", "undelivered")


class NoLease(Changed):
    """Claimed once is claimed for ever."""

    def change(self, write: Write) -> Write:
        if isinstance(write, Update) and is_message(write, "in#") and write.add.get("claims") == 1:
            return replace(write, when=(Equals("claimEpoch", 0),))
        return write


class LooksWhose(Changed):
    """Reads a socket's row before it takes it away."""

    def change(self, write: Write) -> Write:
        if isinstance(write, Delete) and write.table is Table.CONNECTIONS:
            self._store.get(write.table, write.key)
        return write


class AnyEpoch(Changed):
    """An answer is an answer, whoever has it."""

    def change(self, write: Write) -> Write:
        if closes_message(write):
            return without(write, "claimEpoch")
        if isinstance(write, Update) and write.add.get("pending") == -1:
            return without(write, "epoch")
        return write


class Passing:
    """A gateway that passes everything on."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)


class OneBuffer(Passing):
    def __init__(self, gateway: Gateway) -> None:
        super().__init__(gateway)
        self._text, self._runs = "", 0

    def run(
        self, session: str, message_id: str, text: str, attachments: Sequence[Attachment] = (), **options: Any
    ) -> Iterator[TurnEvent]:
        self._text, self._runs = "" if not self._runs else self._text, self._runs + 1
        try:
            for event in self._gateway.run(session, message_id, text, attachments, **options):
                match event:
                    case Delta():
                        self._text = event.text if event.replace else self._text + event.text
                        yield event
                    case Finished():
                        yield replace(event, text=self._text)
                    case _:
                        yield event
        finally:
            self._runs -= 1


class ThrowsHalfAway(Passing):
    """Of an answer that breaks off it tells why, and nothing else."""

    def run(
        self, session: str, message_id: str, text: str, attachments: Sequence[Attachment] = (), **options: Any
    ) -> Iterator[TurnEvent]:
        for event in self._gateway.run(session, message_id, text, attachments, **options):
            yield event.failure if isinstance(event, Finished) and event.failure else event


class NeverAsks(Passing):
    """What it hears of OpenClaw decides; it is not asked."""

    def suspend(self) -> Suspension | None:
        return Suspension("of nobody")

    def resume(self, suspension: Suspension) -> None:
        pass


class Deaf(Passing):
    """Does not notice that the OpenClaw it listens to has gone."""

    def run(
        self, session: str, message_id: str, text: str, attachments: Sequence[Attachment] = (), **options: Any
    ) -> Iterator[TurnEvent]:
        openclaw: Any = self._link.openclaw
        boot = openclaw.boot
        for event in self._gateway.run(session, message_id, text, attachments, **options):
            while openclaw.boot != boot:
                openclaw.line.scheduler.pause(3600)
            yield event
