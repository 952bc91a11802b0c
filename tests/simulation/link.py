"""The socket between the bridge and the simulated OpenClaw: frames in order, answers late, refused or never."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from container.bridge.openclaw.connection import ConnectionLost, RequestRefused
from container.bridge.openclaw.protocol import Closed, Notice, OnAnswer, Opened, Refusal, Response, RunEvent
from tests.simulation.concurrency import Bell
from tests.simulation.openclaw import OpenClaw
from tests.simulation.ports import Line
from tests.simulation.scheduler import Process

QUICK = (0.001, 0.01)
REFUSABLE = ("chat.send", "chat.history")
SUSPENDED = Refusal("UNAVAILABLE", "unavailable during gateway suspension", retry_after=1.0)
Json = Mapping[str, Any]


@dataclass
class Wire:
    """One connection; what is under way when it closes is lost."""

    boot_id: str
    closed: bool = False
    up_at: float = 0.0  # frames arrive in the order in which they left, each way
    down_at: float = 0.0
    waiting: dict[int, OnAnswer] = field(default_factory=dict)


class SimulatedLink:
    """Implements the port `Link` of the bridge's OpenClaw."""

    def __init__(self, line: Line, process: Process, openclaw: OpenClaw, notify: Callable[[Notice], None]) -> None:
        self._line, self._process, self.openclaw = line, process, openclaw
        self._notify = notify
        self._socket: Wire | None = None
        self._ids = itertools.count()
        self._bell = Bell(line.scheduler)
        openclaw.changed, openclaw.emit = self._change, self._emit
        self._change()

    @property
    def is_open(self) -> bool:
        return self._socket is not None

    @property
    def boot_id(self) -> str:
        return self._socket.boot_id if self._socket else ""

    def wait_open(self, timeout: float) -> bool:
        if not self.is_open and timeout > 0:
            self._bell.wait(timeout)
        return self.is_open

    def post(self, method: str, params: Json, on_answer: OnAnswer) -> None:
        if method == "chat.send" and params["suppressCommandInterpretation"]:
            message = params["idempotencyKey"].partition("~")[0]
            self._line.history.note("sent_to_model", user=self.openclaw.user, message=message)
        socket, key = self._socket, next(self._ids)
        if socket is None:
            on_answer(None)
            return
        socket.waiting[key] = on_answer
        if self._line.faults.strike("gateway_lost"):
            self._line.scheduler.after(self._line.random.uniform(0.0, 0.02), lambda: self._close(socket))
        if self._line.faults.strike("gateway_busy"):
            self._line.history.count("OpenClaw's gateway stood still")
            socket.up_at = self._line.scheduler.now + self._line.faults.between(0.5, 8)
        socket.up_at = max(socket.up_at, self._line.scheduler.now + self._line.random.uniform(*QUICK))
        self._at(socket.up_at, socket, lambda: self._arrive(socket, key, method, params))

    def request(self, method: str, params: Json, timeout: float = 30.0) -> Json:
        bell, answers = Bell(self._line.scheduler), list[Response | None]()

        def hear(response: Response | None) -> None:
            answers.append(response)
            bell.set()

        self.post(method, params, hear)
        bell.wait(timeout)
        response = answers[0] if answers else None
        if response is None:
            raise ConnectionLost(f"no answer to {method}")
        if response.error:
            raise RequestRefused(response.error)
        return response.payload

    def read(self, path: str, most: int) -> tuple[int, bytes]:
        self._line.travel()
        content = self.openclaw.files.get(path)
        return (404, b"") if content is None else (200, content[:most])

    def drop(self) -> None:
        if self._socket:
            self._line.history.count("the bridge gave up a socket of OpenClaw's")
            self._close(self._socket)

    def close(self) -> None:
        if self._socket:
            self._close(self._socket)

    def _arrive(self, socket: Wire, key: int, method: str, params: Json) -> None:
        faults = self._line.faults
        if self.openclaw.hangs:
            return
        if method in REFUSABLE and faults.strike("gateway_refuses"):
            refusal = Refusal("UNAVAILABLE", "not yet", retry_after=faults.between(0.1, 3))
            self._answer(socket, key, Response("", {}, refusal))
            return
        if self.openclaw.sessions.background.suspended and not method.startswith("gateway.suspend."):
            if method == "chat.send":
                self._line.history.count("a message came while OpenClaw was suspended")
            self._answer(socket, key, Response("", {}, SUSPENDED))
            return
        response = Response("", self.openclaw.sessions.handle(method, params), None)
        if method != "health" and faults.strike("gateway_silent"):
            return
        tries = 2 if method == "chat.history" else 1  # a long transcript takes its time
        if max(faults.strike("gateway_slow") for _ in range(tries)):
            self._line.history.count("OpenClaw's gateway answered late")
            at = self._line.scheduler.now + faults.between(0.3, 12)
            self._at(at, socket, lambda: self._answer(socket, key, response))
        else:
            self._answer(socket, key, response)

    def _answer(self, socket: Wire, key: int, response: Response) -> None:
        if on_answer := socket.waiting.pop(key, None):
            self._down(socket, lambda: on_answer(response))

    def _emit(self, event: RunEvent) -> None:
        if socket := self._socket:
            self._down(socket, lambda: self._notify(event))

    def _down(self, socket: Wire, job: Callable[[], None]) -> None:
        socket.down_at = max(socket.down_at, self._line.scheduler.now + self._line.random.uniform(*QUICK))
        self._at(socket.down_at, socket, job)

    def _at(self, moment: float, socket: Wire, job: Callable[[], None]) -> None:
        def arrive() -> None:
            if not socket.closed and not self._process.dead:
                job()

        self._line.scheduler.after(moment - self._line.scheduler.now, arrive)

    def _change(self) -> None:
        """OpenClaw came up, or went down."""
        if self._socket:
            self._close(self._socket)
        elif self.openclaw.up:
            self._line.scheduler.after(self._line.random.uniform(0.02, 0.2), self._open)

    def _open(self) -> None:
        if self.openclaw.up and self._socket is None and not self._process.dead:
            self._socket = Wire(self.openclaw.boot_id)
            self._bell.set()
            self._notify(Opened(self.boot_id))

    def _close(self, socket: Wire) -> None:
        if socket.closed:
            return
        socket.closed, self._socket = True, None
        waiting, socket.waiting = socket.waiting, {}
        if self._process.dead:
            return
        for on_answer in waiting.values():
            on_answer(None)
        self._notify(Closed())
        self._change()
