"""Drives an exchange: waits for inputs until its deadline, does what its outputs say, yields what they show."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from chalicelib.domain.turn import TurnEvent
from container.bridge.openclaw.exchange import Exchange
from container.bridge.openclaw.phases import (
    Ask,
    Deadline,
    DropConnection,
    End,
    Input,
    Lost,
    Output,
    Question,
    Refused,
    Replied,
    RestartOpenClaw,
    Show,
    Timeouts,
)
from container.bridge.openclaw.protocol import Json, OnAnswer, Opened, Response
from container.bridge.ports import Concurrency


class GatewayLink(Protocol):
    """The way to OpenClaw's gateway."""

    @property
    def is_open(self) -> bool: ...

    @property
    def boot_id(self) -> str: ...

    def post(self, method: str, params: Json, on_answer: OnAnswer) -> None:
        """Returns at once; calls back at most once, from any thread, perhaps before it returns."""

    def request(self, method: str, params: Json, timeout: float = 30.0) -> Json:
        """The payload of the answer. Raises RequestRefused, or ConnectionLost where the effect is unknown."""

    def read(self, path: str, most: int) -> tuple[int, bytes]:
        """Status and at most so many bytes of what OpenClaw has there for HTTP. Raises ConnectionLost."""

    def drop(self) -> None:
        """Gives this connection up and opens another."""

    def wait_open(self, timeout: float) -> bool: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Supervision:
    """Of OpenClaw, by the container that starts it."""

    restart: Callable[[], None] = lambda: None
    starting: Callable[[], bool] = lambda: False  # is it on its way?


@dataclass(frozen=True)
class Surroundings:
    """What every exchange of a bridge needs from outside."""

    concurrency: Concurrency
    clock: Callable[[], float]  # seconds, never backwards
    timeouts: Timeouts
    supervision: Supervision


class Driver:
    def __init__(self, link: GatewayLink, question: Question, around: Surroundings) -> None:
        self.exchange = Exchange(question, around.timeouts, around.clock())
        self._link = link
        self._around = around
        self._inbox: deque[Input] = deque()
        self._bell = around.concurrency.bell()

    def put(self, notice: Input) -> None:
        """From any thread."""
        self._inbox.append(notice)
        self._bell.set()

    def play(self) -> Iterator[TurnEvent]:
        """Yields until the outcome."""
        if self._link.is_open:
            self._inbox.append(Opened(self._link.boot_id))  # behind a Cancelled that was quicker
        while not self.exchange.over:
            for output in self.exchange.step(self._next(), self._around.clock()):
                yield from self._perform(output)

    def _next(self) -> Input:
        while not self._inbox:
            left = self.exchange.deadline - self._around.clock()
            if not self._bell.wait(max(0.0, left)) and not self._inbox:
                return Deadline(self._around.supervision.starting())
        return self._inbox.popleft()

    def _perform(self, output: Output) -> Iterator[TurnEvent]:
        match output:
            case Ask(method, params):
                self._link.post(method, params, partial(self._hear, output))
            case DropConnection():
                self._link.drop()
            case RestartOpenClaw():
                self._around.supervision.restart()
            case Show(event) | End(event):
                yield event

    def _hear(self, ask: Ask, response: Response | None) -> None:
        if response is None:
            self.put(Lost(ask))
        elif response.error:
            self.put(Refused(ask, response.error))
        else:
            self.put(Replied(ask, response.payload))
