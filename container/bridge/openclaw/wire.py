"""One socket to OpenClaw, from its hello to its end. Answers find their requests.

One thread reads, another one writes: whoever asks never waits for a socket that takes nothing.
"""

from __future__ import annotations

import itertools
import logging
import queue
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import websocket

from container.bridge.openclaw.protocol import (
    Challenge,
    Event,
    Json,
    OnAnswer,
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


class Wire:
    def __init__(self, url: str) -> None:
        """Raises OSError or WebSocketException where nobody answers."""
        self._socket = websocket.create_connection(
            url,
            timeout=HANDSHAKE_TIMEOUT,
            enable_multithread=True,
            skip_utf8_validation=True,
            suppress_origin=True,  # with an Origin header OpenClaw takes us for a web page and grants nothing
            sockopt=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        )
        self._ids = itertools.count(1)  # asked by many threads at once, which a generator does not stand
        self._waiting: dict[str, OnAnswer] = {}
        self._frames: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._gone = False
        self._writer = threading.Thread(target=self._write, name="gateway writes", daemon=True)
        self.boot_id = ""

    def shake_hands(self, token: str) -> Refusal | None:
        while not isinstance(self._receive(), Challenge):
            pass
        request_id = str(next(self._ids))
        self._socket.send(build_request(request_id, "connect", build_connect(token)))
        while True:
            event = self._receive()
            if isinstance(event, Response) and event.id == request_id:
                self.boot_id = str((event.payload.get("server") or {}).get("bootId", ""))
                self._writer.start()  # before anybody hears that it is open, and posts
                return event.error

    def post(self, method: str, params: Json, on_answer: OnAnswer) -> None:
        request_id = str(next(self._ids))
        with self._lock:
            if not self._gone:
                self._waiting[request_id] = on_answer
                self._frames.put(build_request(request_id, method, params))
                return
        on_answer(None)

    def live(self, on_event: Callable[[RunEvent], None]) -> None:
        """Until the socket ends; raises OSError, WebSocketException, or ValueError for nonsense."""
        self._socket.settimeout(SILENCE)
        while True:
            event = self._receive()
            if isinstance(event, RunEvent):
                on_event(event)
            elif isinstance(event, Response) and (answer := self._waiting.pop(event.id, None)):
                answer(event)

    def end(self) -> None:
        """By the reading thread only: it closes. Whoever waits for an answer is told."""
        with self._lock:
            self._gone = True
            waiting, self._waiting = list(self._waiting.values()), {}
        self._frames.put(None)
        self._socket.shutdown()  # type: ignore[no-untyped-call]
        for answer in waiting:
            answer(None)

    def flush(self, timeout: float) -> None:
        """What was posted is on its way, an abort above all; nothing that is posted later is."""
        self._frames.put(None)
        if self._writer.is_alive():
            self._writer.join(timeout)

    def shut(self) -> None:
        """Wakes the reading thread, which does the rest."""
        if self._socket.sock is not None:
            with suppress(OSError):
                self._socket.sock.shutdown(socket.SHUT_RDWR)

    def _write(self) -> None:
        try:
            while (frame := self._frames.get()) is not None:
                self._socket.send(frame)
        except (OSError, ValueError, websocket.WebSocketException) as error:
            log.debug("the connection broke while sending: %s", error)
            self.shut()

    def _receive(self) -> Event:
        code, frame = self._socket.recv_data()
        if code == websocket.ABNF.OPCODE_CLOSE:
            raise websocket.WebSocketConnectionClosedException("closed by OpenClaw")
        return read_frame(frame)
