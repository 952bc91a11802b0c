"""The one socket to OpenClaw: opens itself again for as long as it is wanted, matches answers to requests.

One thread reads. Whoever sends does so in its own thread, so a request leaves without a hand-over.
"""

from __future__ import annotations

import itertools
import logging
import queue
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import websocket

from container.bridge.openclaw.protocol import (
    Challenge,
    Event,
    Json,
    Refusal,
    Response,
    RunEvent,
    build_connect,
    build_request,
    read_frame,
)

log = logging.getLogger(__name__)

HANDSHAKE_TIMEOUT = 10.0
SILENCE = 75.0  # OpenClaw ticks every 30 s: two and a half of them missing means that it hangs
DELAY = 0.1  # a refused connection costs next to nothing, and a person waits for the first that is not


class GatewayError(Exception):
    """A request to OpenClaw did not succeed."""


class ConnectionLost(GatewayError):
    """The socket is not there, or went away before the answer: nobody knows whether the request had an effect."""


class RequestRefused(GatewayError):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"OpenClaw refused: {refusal.code}: {refusal.message}")
        self.refusal = refusal


@dataclass(frozen=True)
class Opened:
    boot_id: str  # another one means that OpenClaw was started again and remembers no run


@dataclass(frozen=True)
class Closed:
    pass


Notice = Opened | Closed | RunEvent


class Connection:
    def __init__(self, url: str, token: str, notify: Callable[[Notice], None]) -> None:
        self._url = url
        self._token = token
        self._notify = notify
        self._ids = itertools.count(1)  # asked by many threads at once, which a generator does not stand
        self._waiting: dict[str, queue.SimpleQueue[Response | None]] = {}
        self._socket: websocket.WebSocket | None = None
        self._closing = threading.Event()
        self._open = threading.Event()
        self._complaint: Refusal | None = None
        self.boot_id = ""
        self._thread = threading.Thread(target=self._work, name="gateway", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait_open(self, timeout: float) -> bool:
        return self._open.wait(timeout)

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    def request(self, method: str, params: Json, timeout: float = 30.0) -> Json:
        """The payload of the answer. Raises RequestRefused, or ConnectionLost where the effect is unknown."""
        if not self._open.is_set():
            raise ConnectionLost("OpenClaw is not connected")
        return self._exchange(method, params, timeout)

    def close(self) -> None:
        self._closing.set()
        self._shut()
        if self._thread.is_alive():
            self._thread.join(HANDSHAKE_TIMEOUT)

    def drop(self) -> None:
        """Give this socket up and open another: what one does when OpenClaw says nothing any more."""
        self._shut()

    def _exchange(self, method: str, params: Json, timeout: float) -> Json:
        request_id = str(next(self._ids))
        answer = self._waiting[request_id] = queue.SimpleQueue()
        try:
            self._send(build_request(request_id, method, params))
            response = answer.get(timeout=timeout)
        except queue.Empty:
            raise ConnectionLost(f"OpenClaw did not answer {method} within {timeout:.0f} s") from None
        finally:
            self._waiting.pop(request_id, None)
        if response is None:
            raise ConnectionLost(f"the connection closed before OpenClaw answered {method}")
        if response.error:
            raise RequestRefused(response.error)
        return response.payload

    def _send(self, frame: str) -> None:
        sock = self._socket
        if sock is None:
            raise ConnectionLost("OpenClaw is not connected")
        try:
            sock.send(frame)
        except (OSError, websocket.WebSocketException) as error:
            raise ConnectionLost(f"the connection broke while sending: {error}") from error

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                self._live()
            except (OSError, websocket.WebSocketException, ValueError) as error:
                log.debug("no connection to OpenClaw: %s", error)
            except Exception:
                log.exception("the connection to OpenClaw failed in a way nobody thought of")
            finally:
                self._lose()
            self._closing.wait(DELAY)

    def _live(self) -> None:
        """One connection, from its opening to its end."""
        self._socket = websocket.create_connection(
            self._url,
            timeout=HANDSHAKE_TIMEOUT,
            enable_multithread=True,
            skip_utf8_validation=True,
            suppress_origin=True,  # with an Origin header OpenClaw takes us for a web page and grants nothing
            sockopt=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        )
        refusal = self._shake_hands(self._socket)
        if refusal:
            self._complain(refusal)
            return
        self._socket.settimeout(SILENCE)
        self._open.set()
        self._notify(Opened(self.boot_id))
        self._read(self._socket)

    def _complain(self, refusal: Refusal) -> None:
        """Not ready yet is daily life; anything else, such as a wrong token, will not pass: said once, aloud."""
        if refusal.retry_after is None and refusal != self._complaint:
            log.error("OpenClaw does not let us in: %s: %s", refusal.code, refusal.message)
        self._complaint = refusal

    def _shake_hands(self, sock: websocket.WebSocket) -> Refusal | None:
        while not isinstance(_receive(sock), Challenge):
            pass
        request_id = str(next(self._ids))
        self._send(build_request(request_id, "connect", build_connect(self._token)))
        while True:
            event = _receive(sock)
            if isinstance(event, Response) and event.id == request_id:
                self.boot_id = str((event.payload.get("server") or {}).get("bootId", ""))
                return event.error

    def _read(self, sock: websocket.WebSocket) -> None:
        while True:
            event = _receive(sock)
            if isinstance(event, RunEvent):
                self._notify(event)
            elif isinstance(event, Response) and (answer := self._waiting.get(event.id)):
                answer.put(event)

    def _lose(self) -> None:
        was_open = self._open.is_set()
        self._open.clear()
        sock, self._socket = self._socket, None
        if sock is not None:
            sock.shutdown()  # type: ignore[no-untyped-call]  # it closes: only the reading thread may
        for answer in list(self._waiting.values()):
            answer.put(None)
        if was_open:
            self._notify(Closed())

    def _shut(self) -> None:
        """Wakes the reading thread, which does the rest."""
        sock = self._socket.sock if self._socket else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _receive(sock: websocket.WebSocket) -> Event:
    code, frame = sock.recv_data()
    if code == websocket.ABNF.OPCODE_CLOSE:
        raise websocket.WebSocketConnectionClosedException("closed by OpenClaw")
    return read_frame(frame)
