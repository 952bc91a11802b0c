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
from socket import gaierror
from typing import Any

import websocket

from infra.errors import CheckFailed

ANSWER_TIMEOUT = 420.0  # seconds: a cold start may take five minutes, and Spot may be refused first
SLEEP_TIMEOUT = 180.0
PAUSE = 2.0
PROTOCOL = "openclaw.v1"
READY_TRIES, READY_PAUSE = 40, 3.0  # two minutes for a fresh stage or distribution
SOCKET_TRIES = 10
UNREADY = (403, 404, 500, 502, 503, 504)
DOWNLOAD_TRIES = 60  # each works on the file for some seconds
PART = 1 << 20


class ApiRefused(CheckFailed):
    """The REST API said no."""

    def __init__(self, method: str, path: str, status: int, words: str) -> None:
        super().__init__(f"{method} {path} answers {status}: {words}")
        self.status = status


class NotReady(CheckFailed):
    """What a stage of API Gateway or a distribution says for some seconds after it was made."""


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
    tries: int = READY_TRIES  # until something has answered, one after that

    def call(
        self, method: str, path: str, body: bytes = b"{}", headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        request = self._request(method, path, body, headers or {})
        for _ in range(self.tries - 1):
            try:
                return self._call(request, path)
            except NotReady as error:
                self.say(f"not ready yet: {error}")
                self.sleep(READY_PAUSE)
        return self._call(request, path)

    def refusal(self, path: str) -> tuple[int, dict[str, str]]:
        """Status and headers, their names in small letters, of a GET that the API refuses."""
        try:
            with urllib.request.urlopen(self._request("GET", path, b"", {}), timeout=30) as answer:
                raise CheckFailed(f"GET {path} answers {answer.status}")
        except urllib.error.HTTPError as error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}

    def ask(self, text: str) -> str:
        """The committed answer. The socket breaks when the message is accepted, as in a lift; another one resumes."""
        turn = str(uuid.uuid4())
        with self.opened() as socket:
            frame = {"type": "send", "id": turn, "conversationId": self.conversation, "text": text}
            socket.send(json.dumps(frame))
            seq = self._await_ack(socket, turn)
            _drop(socket)
        with self.opened() as socket:
            self._resume(socket, seq)
            return self._await(socket, turn, seq)

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

    def download_backup(self) -> int:
        """Bytes of the newest one, fetched as a browser does."""
        points = self.call("GET", "/backups")["backups"]
        if not points:
            raise CheckFailed("There is no backup of the agent that has just fallen asleep.")
        for _ in range(DOWNLOAD_TRIES):
            ready = self.call("GET", f"/backups/{points[0]['id']}")
            if url := ready.get("url"):
                return _fetch(url, int(ready["sizeBytes"]))
        raise CheckFailed(f"The backup is not ready for a download after {DOWNLOAD_TRIES} calls.")

    def _request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> urllib.request.Request:
        known = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return urllib.request.Request(
            self.api + path, body if method != "GET" else None, {**known, **headers}, method=method
        )

    def _call(self, request: urllib.request.Request, path: str) -> dict[str, Any]:
        method = request.get_method()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                fields: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            refused = ApiRefused(method, path, error.code, error.read(300).decode(errors="replace"))
            raise NotReady(str(refused)) if self.tries > 1 and error.code in UNREADY else refused from None
        except OSError as error:
            fresh = isinstance(getattr(error, "reason", None), gaierror)  # its name is not everywhere yet
            raise (NotReady if fresh else CheckFailed)(f"{method} {path} does not answer: {error}") from None
        except ValueError:
            raise NotReady(f"{method} {path} does not answer with JSON") from None
        self.tries = 1
        return fields

    @contextmanager
    def opened(self) -> Iterator[websocket.WebSocket]:
        socket = self._open(SOCKET_TRIES)
        try:
            yield socket
        finally:
            socket.close()

    def _open(self, tries: int) -> websocket.WebSocket:
        """A ticket serves once, so that each try has its own."""
        ticket = self.call("POST", "/tickets")["ticket"]
        offered = [PROTOCOL, f"ticket.{ticket}"]
        try:
            return websocket.create_connection(
                self.socket, timeout=ANSWER_TIMEOUT, subprotocols=offered, origin=self.origin, suppress_origin=False
            )
        except (OSError, websocket.WebSocketException) as error:
            if tries > 1:
                self.say(f"not ready yet: the socket cannot be opened: {error}")
                self.sleep(READY_PAUSE)
                return self._open(tries - 1)
            raise CheckFailed(f"The socket cannot be opened: {error}") from None

    def _resume(self, socket: websocket.WebSocket, seq: int) -> None:
        socket.send(json.dumps({"type": "resume", "conversationId": self.conversation, "after": seq}))

    def _await_ack(self, socket: websocket.WebSocket, turn: str) -> int:
        for frame in self._frames(socket):
            if frame.get("type") == "ack" and frame["id"] == turn:
                return int(frame["seq"])
        raise CheckFailed("The message is not accepted.")

    def _await(self, socket: websocket.WebSocket, turn: str, seq: int) -> str:
        text, step = "", ""
        for frame in self._frames(socket):
            match frame.get("type"):
                case "status" if (now := str(frame.get("stage") or frame["status"])) != step:
                    step = now
                    self.say(step)
                case "stream_chunk" if frame["turn"] == turn:
                    text = frame["content"] if frame.get("replace") else text + frame["content"]
                case "stream_end" if frame["turn"] == turn:
                    if len(text) >= frame["chars"]:
                        return text
                    self._resume(socket, seq)  # some of it went to the socket that had broken
                case "message" if frame.get("turn") == turn:
                    return _answered(frame)
        raise CheckFailed(f"There is no answer after {ANSWER_TIMEOUT / 60:.0f} minutes: run `python -m infra doctor`.")

    def _frames(self, socket: websocket.WebSocket) -> Iterator[dict[str, Any]]:
        deadline = time.monotonic() + ANSWER_TIMEOUT
        while time.monotonic() < deadline:
            try:
                frame: dict[str, Any] = json.loads(socket.recv())
            except (OSError, ValueError, websocket.WebSocketException) as error:
                raise CheckFailed(f"The socket broke: {error}") from None
            if frame.get("type") == "error":
                raise CheckFailed(f"The message is refused: {frame.get('message')}")
            yield frame


def _drop(socket: websocket.WebSocket) -> None:
    """Without a word: nobody is told that this page has gone."""
    socket.shutdown()  # type: ignore[no-untyped-call]


def _answered(frame: Mapping[str, Any]) -> str:
    if frame.get("status") == "failed":
        raise CheckFailed(f"The agent says: {frame.get('text')}")
    return str(frame["text"])


def _fetch(url: str, size: int) -> int:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            got = sum(len(part) for part in iter(lambda: answer.read(PART), b""))
    except OSError as error:
        raise CheckFailed(f"The backup cannot be downloaded from {url.partition('?')[0]}: {error}") from None
    if got != size:
        raise CheckFailed(f"The backup has {got} bytes instead of {size}.")
    return got
