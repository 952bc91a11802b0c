"""An OpenClaw that answers requests from a script: what a turn does at each turn of events, without a socket."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.turn import TurnEvent
from container.bridge.openclaw.connection import Closed, ConnectionLost, Notice, Opened, RequestRefused
from container.bridge.openclaw.message import Cancelled, Message, Patience
from container.bridge.openclaw.protocol import Json, Refusal, RunEnded, RunFailed, RunText
from container.bridge.openclaw.turn import Turn

SESSION = "agent:main:c"
STARTED = {"status": "started"}
EMPTY: Json = {"messages": []}
SHORT = Patience(hang=0.05, tool=0.3, unavailable=0.05, resume=5.0, decide=1.0, merged=1.0, poll=0.0, cancel=0.05)

Reply = Json | Exception | Callable[[], Json]


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


@dataclass
class ScriptedLink:
    boot_id: str = "boot-1"
    is_open: bool = True
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)  # ids that messages were sent under
    dropped: int = 0

    def request(self, method: str, params: Json, timeout: float = 30.0) -> Json:
        self.requests.append(method if method != "chat.abort" else f"chat.abort {params['runId']}")
        if method == "chat.send":
            self.sent.append(params["idempotencyKey"])
        replies = self.replies.get(method) or [EMPTY]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply() if callable(reply) else reply

    def drop(self) -> None:
        self.dropped += 1


class Clock:
    """Each look at it takes 0.3 s, so that waiting ends without waiting."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.3
        return self.now


class Scene:
    def __init__(self, *, patience: Patience = SHORT, **replies: list[Reply]) -> None:
        self.link = ScriptedLink(replies={name.replace("_", "."): listed for name, listed in replies.items()})
        self.hangs = 0
        self.turn = Turn(self.link, Message(SESSION, "m", "hello"), Clock(), patience, self._hang)

    @property
    def inbox(self) -> queue.SimpleQueue[Notice | Cancelled]:
        return self.turn.inbox

    def play(self, *notices: Notice | Cancelled, fresh: bool = True) -> list[TurnEvent]:
        for notice in notices:
            self.inbox.put(notice)
        return list(self.turn.play(fresh))

    def step(self, *, fresh: bool = True) -> Iterator[TurnEvent]:
        return self.turn.play(fresh)

    def restart(self, boot_id: str = "boot-2") -> tuple[Closed, Opened]:
        return Closed(), Opened(boot_id)

    def then(self, notice: Notice) -> Callable[[], Json]:
        """A reply of "started" that makes something happen afterwards."""

        def reply() -> Json:
            self.inbox.put(notice)
            return STARTED

        return reply

    def count(self, method: str) -> int:
        return self.link.requests.count(method)

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
