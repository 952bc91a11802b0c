"""The deployed product, as a page uses it: REST, and the socket."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import websocket

from infra.errors import CheckFailed

ANSWER_TIMEOUT = 420.0  # seconds: a cold start may take five minutes, and Spot may be refused first
SLEEP_TIMEOUT = 180.0
PAUSE = 2.0
PROTOCOL = "openclaw.v1"


class ApiRefused(CheckFailed):
    """The REST API said no."""

    def __init__(self, method: str, path: str, status: int, words: str) -> None:
        super().__init__(f"{method} {path} answers {status}: {words}")
        self.status = status


@dataclass
class Visitor:
    """Does what a page does: REST with an identity token, and a socket with a ticket."""

    api: str
    socket: str
    origin: str
    token: str
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    conversation: str = field(default_factory=lambda: str(uuid.uuid4()))

    def call(self, method: str, path: str) -> dict[str, Any]:
        request = urllib.request.Request(
            self.api + path, b"{}" if method != "GET" else None, self._headers(), method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                fields: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            raise ApiRefused(method, path, error.code, error.read(300).decode(errors="replace")) from None
        except OSError as error:
            raise CheckFailed(f"{method} {path} does not answer: {error}") from None
        return fields

    def ask(self, text: str) -> str:
        """The committed answer. Shows the steps of a start on the way."""
        turn = str(uuid.uuid4())
        with self._opened() as socket:
            frame = {"type": "send", "id": turn, "conversationId": self.conversation, "text": text}
            socket.send(json.dumps(frame))
            return self._await(socket, turn)

    def fall_asleep(self) -> None:
        """An agent that has just answered may still be busy delivering."""
        for _ in range(round(SLEEP_TIMEOUT / PAUSE)):
            match self.call("GET", "/status")["status"]:
                case "idle":
                    return
                case "running":
                    with suppress(ApiRefused):
                        self.call("POST", "/agent/stop")
            self.sleep(PAUSE)
        raise CheckFailed("The agent does not fall asleep.")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}

    @contextmanager
    def _opened(self) -> Iterator[websocket.WebSocket]:
        ticket = self.call("POST", "/tickets")["ticket"]
        offered = [PROTOCOL, f"ticket.{ticket}"]
        try:
            socket = websocket.create_connection(
                self.socket, timeout=ANSWER_TIMEOUT, subprotocols=offered, origin=self.origin, suppress_origin=False
            )
        except (OSError, websocket.WebSocketException) as error:
            raise CheckFailed(f"The socket cannot be opened: {error}") from None
        try:
            yield socket
        finally:
            socket.close()

    def _await(self, socket: websocket.WebSocket, turn: str) -> str:
        text, step = "", ""
        deadline = time.monotonic() + ANSWER_TIMEOUT
        while time.monotonic() < deadline:
            frame = self._receive(socket)
            match frame.get("type"):
                case "status" if (now := str(frame.get("stage") or frame["status"])) != step:
                    step = now
                    self.say(step)
                case "stream_chunk" if frame["turn"] == turn:
                    text = frame["content"] if frame.get("replace") else text + frame["content"]
                case "stream_end" if frame["turn"] == turn:
                    return text
                case "message" if frame.get("turn") == turn:
                    return _answered(frame)
                case "error":
                    raise CheckFailed(f"The message is refused: {frame.get('message')}")
        raise CheckFailed(f"There is no answer after {ANSWER_TIMEOUT / 60:.0f} minutes: run `python -m infra doctor`.")

    def _receive(self, socket: websocket.WebSocket) -> dict[str, Any]:
        try:
            frame: dict[str, Any] = json.loads(socket.recv())
        except (OSError, ValueError, websocket.WebSocketException) as error:
            raise CheckFailed(f"The socket broke: {error}") from None
        return frame


def _answered(frame: Mapping[str, Any]) -> str:
    if frame.get("status") == "failed":
        raise CheckFailed(f"The agent says: {frame.get('text')}")
    return str(frame["text"])
