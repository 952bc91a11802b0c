"""All that an exchange can come to: every kind of input in every situation that some inputs lead to, a few deep."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from chalicelib.domain.turn import Choice, Tool
from container.bridge.openclaw.exchange import Exchange, kind_of
from container.bridge.openclaw.history import RESUMED_BY
from container.bridge.openclaw.phases import (
    Ask,
    Cancelled,
    Deadline,
    Input,
    Lost,
    Output,
    Phase,
    Question,
    Refused,
    Replied,
    Timeouts,
    TurnLimits,
)
from container.bridge.openclaw.progress import Peer, Sends
from container.bridge.openclaw.protocol import Closed, Opened, Refusal, RunText, RunTool
from tests.bridge.openclaw.script import (
    EMPTY,
    SESSION,
    STARTED,
    answered,
    asked,
    end,
    fail,
    history,
    pending,
    row,
    say,
)

DEPTH = 4
RESUMED = {"role": "user", "idempotencyKey": "r:user", "provenance": {"sourceTool": RESUMED_BY}}
PARTIAL = answered("Hal") | {"openclawAbort": {"reason": "stop"}}
LEFT_OUT = answered("…") | {"__openclaw": {"id": "row", "reason": "oversized"}}

PAYLOADS: dict[str, tuple[dict[str, Any], ...]] = {
    "chat.send": (STARTED, {"status": "ok"}, {"status": "timeout", "summary": "aborted"}),
    "chat.history": (
        dict(EMPTY),
        dict(history(asked())),
        dict(history(asked(), activeRunIds=["m"])),
        dict(history(asked(), RESUMED, activeRunIds=["r"])),
        dict(history(asked(), RESUMED)),
        dict(history(asked(), abortedLastRun=True, status="running", activeRunIds=["r"])),
        dict(history(asked(), answered("There"))),
        dict(history(asked(), PARTIAL)),
        dict(history(asked(), row("assistant", "⚠️ (HTTP 429)", stopReason="error"))),
        dict(history(asked(), row("assistant", "⚠️ oops\n\nHalf", stopReason="error"))),
        dict(history(asked(), row("assistant", "⚠️ (HTTP 429)\n\nHalf", stopReason="error"))),
        dict(history(asked(), RESUMED, LEFT_OUT)),
        dict(history(asked(), RESUMED, LEFT_OUT | {"openclawAbort": {}})),
        dict(history(asked(), RESUMED, LEFT_OUT | {"stopReason": "toolUse"})),
        dict(history(asked(), RESUMED, LEFT_OUT | {"stopReason": "toolUse"}, activeRunIds=["r"])),
        dict(history(asked(), RESUMED, LEFT_OUT | {"stopReason": "error", "content": "⚠️ oops"})),
        dict(history(asked(), RESUMED, LEFT_OUT | {"stopReason": "error", "errorMessage": "HTTP 429"})),
        {"pendingInputs": {"items": [{"runId": "x", "message": RESUMED}]}},
        {"pendingInputs": {"items": [{"runId": "x", "message": RESUMED}, pending("m")]}},
        {"pendingInputs": {"items": [pending("m")]}},
    ),
    "chat.message.get": ({"message": {"content": "All of it"}}, {"message": {"content": "⚠️ oops"}}),
    "chat.abort": ({},),
    "health": ({},),
    "sessions.patch": ({},),
}
EVENTS = (
    say("One"),
    say("One", "other"),
    RunText("m", SESSION, "Here", "part", files=("a.png",)),
    RunTool("m", SESSION, "call", Tool("exec", "start", "sleep")),
    end("One two"),
    end(None),
    end("One", aborted=True),
    fail("HTTP 429"),
    fail("oops"),
    fail("The provider refused this request."),
    end("One two", "r"),
    end(None, "r"),
    fail("oops", "r"),
)


@dataclass
class Situation:
    exchange: Exchange
    now: float
    pending: Ask | None
    cancelled: bool = False


@dataclass(frozen=True)
class Step:
    before: Phase
    notice: Input
    after: Phase
    outputs: tuple[Output, ...]
    cancelled: bool  # before this step
    now: float
    deadline: float  # after it


@dataclass
class Walk:
    steps: list[Step] = field(default_factory=list)
    _known: set[object] = field(default_factory=set)

    def explore(self, beginning: Exchange) -> None:
        layer = [Situation(beginning, 0.0, beginning._progress.at.pending)]
        for _ in range(DEPTH):
            layer = [after for before in layer for after in self._all_from(before)]

    def _all_from(self, before: Situation) -> Iterator[Situation]:
        for notice in inputs(before):
            after = self._step(before, notice)
            mark = _mark(after)
            if mark not in self._known:
                self._known.add(mark)
                yield after

    def _step(self, before: Situation, notice: Input) -> Situation:
        exchange = _copy(before.exchange)
        now = before.exchange.deadline if isinstance(notice, Deadline) else before.now + 0.01
        now = min(now, before.now + 2000)
        phase = exchange.phase
        outputs = tuple(exchange.step(notice, now))
        self.steps.append(Step(phase, notice, exchange.phase, outputs, before.cancelled, now, exchange.deadline))
        cancelled = before.cancelled or isinstance(notice, Cancelled)
        return Situation(exchange, now, exchange._progress.at.pending, cancelled)


def inputs(situation: Situation) -> Iterator[Input]:
    ask = situation.pending or Ask("chat.history", {})
    yield from (Opened("boot-1"), Opened("boot-2"), Closed(), Cancelled(), Lost(ask))
    yield from (Deadline(), Deadline(starting=True))
    yield from EVENTS
    yield from (Refused(ask, Refusal("UNAVAILABLE", "later", 0.5)), Refused(ask, Refusal("NO", "never", None)))
    yield from (Replied(ask, payload) for payload in PAYLOADS[ask.method])


def _copy(exchange: Exchange) -> Exchange:
    """Requests are equal to themselves only, so what is frozen stays what it is."""
    twin = copy.copy(exchange)
    progress = twin._progress = copy.copy(exchange._progress)
    progress.run, progress.names = copy.copy(progress.run), copy.copy(progress.names)
    progress.run.words, progress.run.calls = copy.copy(progress.run.words), copy.copy(progress.run.calls)
    for part in (progress.run, progress.run.words, progress.run.calls):
        for name, value in vars(part).items():
            if isinstance(value, list | set | dict):
                setattr(part, name, copy.copy(value))
    return twin


def _mark(situation: Situation) -> object:
    """What makes a difference to what may come."""
    progress = situation.exchange._progress
    if progress.phase is Phase.OVER:
        return Phase.OVER
    run, held, pending_ = progress.run, progress.at.held, progress.at.pending
    facts = (
        progress.phase,
        type(progress.quest),
        pending_ and pending_.method,
        held.ask.method if isinstance(held, Refused) else str(held),
        progress.sends.times > 1,
        progress.names.has_past,
        type(run.end),
        run.files,
        bool(progress.sends.gaps),
        progress.sends.chosen,
        progress.unserved,
        bool(run._strange_ends),
        situation.cancelled,
    )
    return str(facts)


def _beginnings() -> Iterator[Exchange]:
    """Nobody sent it; somebody may have; besides, something was given up; a model is to be chosen; it may use no tool
    and ten seconds; OpenClaw has answered nothing for long; two OpenClaws have died on it."""
    for fresh, given_up in ((True, ()), (False, ()), (False, ("x",))):
        yield Exchange(Question(SESSION, "m", "hello", (), fresh, given_up), Timeouts(), 0.0)
    yield Exchange(Question(SESSION, "m", "hello", (), True, (), Choice("a/b")), Timeouts(), 0.0)
    for limits in (TurnLimits(0, 10), TurnLimits(0, 3600)):
        yield Exchange(Question(SESSION, "m", "hello", fresh=True), Timeouts(limits=limits), 0.0)
    for gaps in (0, 1):
        yield _handing_over(gaps)
    for fresh, unserved_since, lost in ((True, -100, 0), (True, -1000, 4), (False, -100, 0)):
        exchange = Exchange(Question(SESSION, "m", "hello", fresh=fresh), Timeouts(), 0.0)
        exchange._progress.peer = Peer("boot-1", unserved_since=unserved_since)
        exchange._progress.sends = Sends(lost=lost)
        yield exchange
    for choice in (None, Choice("a/b")):
        exchange = Exchange(Question(SESSION, "m", "hello", choice=choice), Timeouts(), 0.0)
        exchange._progress.sends = Sends("boot-0", 2)
        yield exchange


def _handing_over(gaps: int) -> Exchange:
    """The answer is there, and names a file."""
    exchange = Exchange(Question(SESSION, "m", "hello", fresh=True), Timeouts(), 0.0)
    (ask,) = exchange.step(Opened("boot-1"), 0.0)
    assert isinstance(ask, Ask)
    for notice in (Replied(ask, STARTED), RunText("m", SESSION, "Here", "part", files=("a.png",)), end("Here")):
        exchange.step(notice, 0.0)
    exchange._progress.sends = replace(exchange._progress.sends, gaps=gaps)
    return exchange


@cache
def walk() -> tuple[Step, ...]:
    steps: list[Step] = []
    for beginning in _beginnings():
        found = Walk()
        found.explore(beginning)
        steps += found.steps
    return tuple(steps)


def kind(step: Step) -> type[Input]:
    return kind_of(step.notice)
