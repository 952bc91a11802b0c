"""The cloud surface in the simulation: what `app.py` does with events, each in a Lambda that may die anywhere."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from chalicelib.errors import NotAllowed, ServiceError
from chalicelib.wiring import Services
from tests.simulation.network import Socket, Sockets
from tests.simulation.ports import Line
from tests.simulation.scheduler import Process

LONGEST = 60.0  # seconds of one invocation
PERIOD = 60.0  # between ticks of the watchdog
ORIGIN = "https://agent.example"
FAULT = {"message": "Internal server error", "connectionId": "", "requestId": ""}


class Cloud:
    def __init__(self, line: Line, services: Services, sockets: Sockets) -> None:
        self._line, self._sockets = line, sockets
        self.services = services
        self.used = ""  # the ticket that somebody came in with last
        self._numbers = itertools.count(1)

    def invoke(self, name: str, work: Callable[[], None], delay: float = 0.0) -> Process:
        """A Lambda on some machine with its own idea of the time."""
        skew = self._line.random.uniform(-5, 5)
        process = Process(f"lambda-{next(self._numbers)} {name}", skew)
        self._line.scheduler.spawn(process, work, name, delay)
        self._line.scheduler.after(delay + LONGEST, lambda: self._line.scheduler.kill(process))
        return process

    def rest(self, user: str, name: str, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """A REST call; `then` hears the answer, or a ServiceError, or nothing at all."""

        def answer() -> None:
            self._line.travel()
            try:
                result = work()
            except ServiceError as error:
                result = error
            self._line.scheduler.after(0.02, lambda: then(result))

        self.invoke(f"{name} {user}", answer, self._delay())

    def connect(self, socket: Socket, ticket: str, opened: Callable[[bool], None]) -> None:
        def answer() -> None:
            self._line.travel()
            try:
                self.services.chat.connect(socket.id, ticket, ORIGIN)
            except NotAllowed:
                self._line.history.count("a ticket was refused")
                self._line.scheduler.after(0.02, lambda: opened(False))
                return
            self._line.history.note("connected", socket=socket.id, user=socket.user)
            self.used = ticket
            self._line.scheduler.after(0.02, lambda: self._open(socket, opened))

        self._sockets.all[socket.id] = socket
        self.invoke("connect", answer, self._delay())

    def submit(self, socket: Socket, body: str) -> None:
        """A frame of a browser: each in a Lambda of its own, so that they may overtake each other."""
        faults = self._line.faults
        if faults.strike("frame_lost"):
            self._fault(socket)
            return
        for _ in range(2 if faults.strike("frame_doubled") else 1):
            process = self.invoke("message", lambda: self._receive(socket, body), self._delay())
            process.died = lambda: self._fault(socket)

    def lose(self, socket: Socket) -> None:
        self._sockets.lose(socket)

    def disconnect(self, socket: Socket) -> None:
        self.invoke("disconnect", lambda: self.services.chat.disconnect(socket.id), self._delay())

    def tick(self) -> None:
        """EventBridge: about every minute, maybe twice, maybe not."""
        faults, scheduler = self._line.faults, self._line.scheduler
        scheduler.after(PERIOD, self.tick)
        if faults.strike("tick_lost"):
            return
        for _ in range(2 if faults.strike("tick_doubled") else 1):
            late = faults.between(5, 100) if faults.strike("tick_late") else self._line.random.uniform(0, 3)
            self.invoke("watchdog", self._sweep, late)

    def _sweep(self) -> None:
        for action in self.services.watchdog.run():
            self._line.history.count(f"watchdog: {type(action).__name__}")

    def _open(self, socket: Socket, opened: Callable[[bool], None]) -> None:
        socket.open = True
        self._line.history.note("socket_open", socket=socket.id, user=socket.user)
        opened(True)

    def _receive(self, socket: Socket, body: str) -> None:
        self._line.travel()
        try:
            self.services.chat.receive(socket.id, body)
        except Exception:
            self._fault(socket)
            raise

    def _fault(self, socket: Socket) -> None:
        """What API Gateway says when a handler failed."""
        self._sockets.pushed(socket, {**FAULT, "connectionId": socket.id})

    def _delay(self) -> float:
        slow = self._line.faults.strike("lambda_slow")
        return self._line.faults.between(0.5, 8) if slow else self._line.random.uniform(0.005, 0.08)
