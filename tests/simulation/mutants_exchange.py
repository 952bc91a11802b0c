"""Mutants of what the bridge says to OpenClaw."""

from __future__ import annotations

from dataclasses import replace

from container.bridge.openclaw.driver import Driver
from container.bridge.openclaw.exchange import Exchange
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.openclaw.moves import hang
from container.bridge.openclaw.phases import (
    Cancelled,
    Deadline,
    Input,
    Output,
    Phase,
    Question,
    Replied,
    Timeouts,
    TurnLimits,
)
from container.bridge.openclaw.protocol import Opened


class Blocked(Exchange):
    """Waits for the answer to its question, and hears of Stop only then."""

    kept: Cancelled | None = None

    def step(self, notice: Input, now: float) -> list[Output]:
        if self.phase is Phase.LOOKING and isinstance(notice, Cancelled):
            self.kept = notice
            return []
        outputs = super().step(notice, now)
        if self.kept and self.phase not in (Phase.LOOKING, Phase.OVER):
            kept, self.kept = self.kept, None
            outputs += super().step(kept, now)
        return outputs


class Unstoppable(Exchange):
    """Sends what it was about to send, then hears of Stop."""

    def step(self, notice: Input, now: float) -> list[Output]:
        pending = self._progress.at.pending
        if isinstance(notice, Cancelled) and self.phase is Phase.LOOKING and pending:
            sent = super().step(Replied(pending, {"messages": []}), now)
            return [*sent, *super().step(notice, now)]
        return super().step(notice, now)


class Impatient(Exchange):
    """Takes a model that is silent for three minutes for an OpenClaw that is dead."""

    def step(self, notice: Input, now: float) -> list[Output]:
        silent = self.phase is Phase.RUNNING and now - self._progress.at.since > 180
        if silent and isinstance(notice, Deadline):
            return hang(self._progress, notice, now)
        return super().step(notice, now)


class Hopeful(Exchange):
    """Begins to count anew with each connection."""

    def step(self, notice: Input, now: float) -> list[Output]:
        if isinstance(notice, Opened):
            self._progress.note_served()
        return super().step(notice, now)


class LastPart(Exchange):
    """Takes what is said behind the last tool for the answer."""

    phases: tuple[Phase, ...] = (Phase.LOOKING, Phase.COUNTING)

    def step(self, notice: Input, now: float) -> list[Output]:
        if isinstance(notice, Replied) and self.phase in self.phases:
            rows = notice.payload.get("messages") or []
            tools = [place for place, row in enumerate(rows) if row.get("role") == "toolResult"]
            kept = [row for at, row in enumerate(rows) if row.get("role") != "assistant" or at > max(tools, default=0)]
            notice = replace(notice, payload={**notice.payload, "messages": kept})
        return super().step(notice, now)


class OtherText(LastPart):
    phases = (Phase.LOOKING,)


class Tireless(Exchange):
    def __init__(self, question: Question, timeouts: Timeouts, now: float) -> None:
        super().__init__(question, replace(timeouts, limits=TurnLimits(10**9, 1e9)), now)


class BlockedGateway(OpenClawGateway):
    exchange: type[Exchange] = Blocked

    def _begin(self, question: Question) -> Driver:
        driver = super()._begin(question)
        driver.exchange = self.exchange(question, self._around.timeouts, self._around.clock())
        return driver


class UnstoppableGateway(BlockedGateway):
    exchange = Unstoppable


class ImpatientGateway(BlockedGateway):
    exchange = Impatient


class HopefulGateway(BlockedGateway):
    exchange = Hopeful


class LastPartGateway(BlockedGateway):
    exchange = LastPart


class OtherTextGateway(BlockedGateway):
    exchange = OtherText


class TirelessGateway(BlockedGateway):
    exchange = Tireless
