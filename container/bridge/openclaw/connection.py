"""The way to OpenClaw's gateway: one socket at a time, opened again for as long as it is wanted."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import websocket

from container.bridge.openclaw.protocol import Closed, Json, Notice, OnAnswer, Opened, Refusal, Response
from container.bridge.openclaw.wire import HANDSHAKE_TIMEOUT, Wire

log = logging.getLogger(__name__)

FLUSH = 1.0  # seconds for what was posted before the end
DELAY = 0.1  # a refused connection costs next to nothing, and a person waits for the first that is not


class GatewayError(Exception):
    """A request to OpenClaw did not succeed."""


class ConnectionLost(GatewayError):
    """The socket is not there, or went away before the answer: nobody knows whether the request had an effect."""


class RequestRefused(GatewayError):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"OpenClaw refused: {refusal.code}: {refusal.message}")
        self.refusal = refusal


class GatewayConnection:
    def __init__(self, url: str, token: str, notify: Callable[[Notice], None], delay: float = DELAY) -> None:
        """Opens itself in a thread of its own, which also notifies; `delay` in seconds, before it tries again."""
        self._address = url, token
        self._delay = delay
        self._notify = notify
        self._wire: Wire | None = None
        self._closing = threading.Event()
        self._open = threading.Event()
        self._thread = threading.Thread(target=self._work, name="gateway", daemon=True)
        self._complaint: Refusal | None = None

    def start(self) -> None:
        self._thread.start()

    def wait_open(self, timeout: float) -> bool:
        return self._open.wait(timeout)

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    @property
    def boot_id(self) -> str:
        wire = self._wire
        return wire.boot_id if wire else ""

    def post(self, method: str, params: Json, on_answer: OnAnswer) -> None:
        """Returns at once; `on_answer` gets the response, or None where the connection goes away before it comes."""
        wire = self._wire
        if wire is None or not self._open.is_set():
            on_answer(None)
        else:
            wire.post(method, params, on_answer)

    def request(self, method: str, params: Json, timeout: float = 30.0) -> Json:
        """The payload of the answer. Raises RequestRefused, or ConnectionLost where the effect is unknown."""
        answers: queue.SimpleQueue[Response | None] = queue.SimpleQueue()
        self.post(method, params, answers.put)
        try:
            response = answers.get(timeout=timeout)
        except queue.Empty:
            raise ConnectionLost(f"OpenClaw did not answer {method} within {timeout:.0f} s") from None
        if response is None:
            raise ConnectionLost(f"there was no connection for {method}, or it closed before the answer")
        if response.error:
            raise RequestRefused(response.error)
        return response.payload

    def read(self, path: str, most: int) -> tuple[int, bytes]:
        """Status and at most so many bytes of what OpenClaw has there for HTTP. Raises ConnectionLost."""
        connection = HTTPConnection(urlsplit(self._address[0]).netloc, timeout=HANDSHAKE_TIMEOUT)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read(most)
        except (OSError, HTTPException) as error:
            raise ConnectionLost(f"OpenClaw does not answer over HTTP: {type(error).__name__}") from None
        finally:
            connection.close()

    def close(self) -> None:
        self._closing.set()
        if wire := self._wire:
            wire.flush(FLUSH)
        self.drop()
        if self._thread.is_alive():
            self._thread.join(HANDSHAKE_TIMEOUT)

    def drop(self) -> None:
        """Give this socket up and open another: what one does when OpenClaw says nothing any more."""
        if wire := self._wire:
            wire.shut()

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
            self._closing.wait(self._delay)

    def _live(self) -> None:
        """One connection, from its opening to its end."""
        url, token = self._address
        self._wire = Wire(url)
        if self._closing.is_set():  # while it was being opened, when there was nothing to shut
            return
        refusal = self._wire.shake_hands(token)
        if refusal:
            self._complain(refusal)
            return
        self._open.set()
        self._notify(Opened(self._wire.boot_id))
        self._wire.live(self._notify)

    def _complain(self, refusal: Refusal) -> None:
        """Not ready yet is daily life; anything else, such as a wrong token, will not pass: said once, aloud."""
        if refusal.retry_after is None and refusal != self._complaint:
            log.error("OpenClaw does not let us in: %s: %s", refusal.code, refusal.message)
        self._complaint = refusal

    def _lose(self) -> None:
        was_open = self._open.is_set()
        self._open.clear()
        wire, self._wire = self._wire, None
        if wire:
            wire.end()
        if was_open:
            self._notify(Closed())
