"""An OpenClaw that answers requests from a script: what a turn does at each turn of events.

The real driver and the real exchange, without a socket, a thread or a clock: time passes when the driver waits.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.turn import Choice, TurnEvent
from container.bridge.openclaw.connection import ConnectionLost, RequestRefused
from container.bridge.openclaw.driver import Driver, Supervision, Surroundings
from container.bridge.openclaw.phases import Cancelled, Question, Timeouts
from container.bridge.openclaw.protocol import (
    Closed,
    Json,
    Notice,
    OnAnswer,
    Opened,
    Refusal,
    Response,
    RunEnded,
    RunFailed,
    RunText,
)

SESSION = "agent:main:c"
STARTED = {"status": "started"}
EMPTY: Json = {"messages": []}

Reply = Json | Exception | Callable[[], Json]  # ConnectionLost: there is no answer


def row(role: str, text: str, **fields: Any) -> dict[str, Any]:
    return {"role": role, "content": text, **fields}


def asked(message_id: str = "m") -> dict[str, Any]:
    return row("user", "hello", idempotencyKey=f"{message_id}:user")


def answered(text: str) -> dict[str, Any]:
    return row("assistant", text, stopReason="stop")


def pending(run_id: str = "m", state: str = "interrupted", **fields: Any) -> dict[str, Any]:
    """An input that OpenClaw had accepted and not yet put into the transcript."""
    return {"id": f"input-{run_id}", "runId": run_id, "state": state, "message": asked(run_id) | fields}


def history(*rows: Json, **session: Any) -> Json:
    return {"messages": list(rows), "sessionInfo": session}


class Late(Exception):
    """An answer that comes after so many seconds."""

    def __init__(self, seconds: float, payload: Json = EMPTY) -> None:
        super().__init__(seconds)
        self.seconds, self.payload = seconds, payload


class Gone(Exception):
    """The connection goes away before the answer."""


@dataclass
class ScriptedLink:
    boot_id: str = "boot-1"
    is_open: bool = True
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)  # ids that messages were sent under
    dropped: int = 0
    later: Callable[[float, Callable[[], None]], None] = lambda seconds, job: None
    silent: bool = False  # the last request gets no answer, however long one waits

    def post(self, method: str, params: Json, on_answer: OnAnswer) -> None:
        try:
            on_answer(Response("", self.request(method, params), None))
        except RequestRefused as error:
            on_answer(Response("", {}, error.refusal))
        except ConnectionLost:
            self.silent = True
        except Gone:
            on_answer(None)
        except Late as late:
            response = Response("", late.payload, None)
            self.later(late.seconds, lambda: on_answer(response))

    def request(self, method: str, params: Json, timeout: float = 30.0) -> Json:
        self.requests.append(_named(method, params))
        if method == "chat.send":
            self.sent.append(params["idempotencyKey"])
        replies = self.replies.get(method) or [EMPTY]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply() if callable(reply) else reply

    def read(self, path: str, most: int) -> tuple[int, bytes]:
        raise AssertionError("a turn reads no files")

    def drop(self) -> None:
        self.dropped += 1

    def wait_open(self, timeout: float) -> bool:
        return self.is_open

    def close(self) -> None:
        self.is_open = False


def _named(method: str, params: Json) -> str:
    detail = {"chat.abort": params.get("runId", "*"), "approval.resolve": params.get("decision")}
    return f"{method} {detail[method]}" if method in detail else method


class Time:
    """Implements the ports `Concurrency` and `Signal` for one turn: what is still to come happens when it waits."""

    def __init__(self, link: ScriptedLink) -> None:
        self.now = 0.0
        self._link = link
        self.to_come: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        link.later = lambda seconds, job: self.at(self.now + seconds, job)
        self._rung = False

    def __call__(self) -> float:
        return self.now

    def spawn(self, work: Callable[[], None], name: str) -> None:
        raise AssertionError("a turn needs no thread")

    def sleep(self, seconds: float) -> None:
        raise AssertionError("a turn never sleeps")

    def bell(self) -> Time:
        return self

    def set(self) -> None:
        self._rung = True

    def at(self, moment: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self.to_come, (moment, next(self._numbers), happen))

    def wait(self, timeout: float) -> bool:
        rung, self._rung = self._rung, False
        if rung:
            return True
        silent, self._link.silent = self._link.silent, False
        if silent or not self.to_come or self.to_come[0][0] > self.now + timeout:
            self.now += timeout
            return False
        moment, _, happen = heapq.heappop(self.to_come)
        self.now = max(self.now, moment)
        happen()
        return True


class Scene:
    def __init__(self, *, timeouts: Timeouts | None = None, **replies: list[Reply]) -> None:
        self.link = ScriptedLink(replies={name.replace("_", "."): list(each) for name, each in replies.items()})
        self.hangs = 0
        self.starting = False  # OpenClaw, as its supervisor says
        self.time = Time(self.link)
        self.around = Surroundings(self.time, self.time, timeouts or Timeouts(), self._supervision)
        self.turn: Driver | None = None
        self.choice: Choice | None = None

    def put(self, notice: Notice | Cancelled) -> None:
        """It comes when the turn waits next, after what was put before."""
        self.time.at(0.0, lambda: self.driver.put(notice))

    @property
    def driver(self) -> Driver:
        assert self.turn is not None
        return self.turn

    def play(self, *notices: Notice | Cancelled, fresh: bool = True) -> list[TurnEvent]:
        for notice in notices:
            self.put(notice)
        return list(self.step(fresh=fresh))

    def step(self, *, fresh: bool = True) -> Iterator[TurnEvent]:
        self.turn = Driver(self.link, Question(SESSION, "m", "hello", fresh=fresh, choice=self.choice), self.around)
        return self.turn.play()

    def grow(self, number: int) -> None:
        """The answer has so many words more."""
        self.driver.put(say(" ".join(["word"] * (number + 1))))

    def restart(self, boot_id: str = "boot-2") -> tuple[Closed, Opened]:
        return Closed(), Opened(boot_id)

    def then(self, notice: Notice) -> Callable[[], Json]:
        """A reply of "started" that makes something happen afterwards."""

        def reply() -> Json:
            self.put(notice)
            return STARTED

        return reply

    def count(self, method: str) -> int:
        return self.link.requests.count(method)

    @property
    def _supervision(self) -> Supervision:
        return Supervision(self._hang, lambda: self.starting)

    def _hang(self) -> None:
        self.hangs += 1


def say(text: str, run_id: str = "m") -> RunText:
    return RunText(run_id, SESSION, text)


def end(text: str | None, run_id: str = "m", *, aborted: bool = False) -> RunEnded:
    return RunEnded(run_id, SESSION, text, aborted)


def fail(message: str, run_id: str = "m") -> RunFailed:
    return RunFailed(run_id, SESSION, message)


def refuse(code: str, message: str, retry_after: float | None = None) -> RequestRefused:
    return RequestRefused(Refusal(code, message, retry_after))


def lost() -> ConnectionLost:
    return ConnectionLost("the connection closed")
