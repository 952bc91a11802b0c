"""One call: its answer passes through as it comes, and ends when either side is gone."""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from container.bridge.relay.usage import Meter
from container.bridge.relay.wire import (
    END,
    HEAD_BYTES,
    HOP,
    Body,
    HttpHead,
    Malformed,
    Unbounded,
    answer_body,
    parse_head,
    render_head,
    status_of,
)

PIECE = 64 * 1024
SILENCE = 960.0  # seconds in which a provider may say nothing; OpenClaw gives up after 900
SLICE = 15.0  # seconds of one wait
DROPPED = HOP | {"set-cookie", "alt-svc"}
Ending = Literal["whole", "aborted", "broken"]
Wait = Callable[[Sequence[socket.socket], float], Sequence[socket.socket]]


def wait(sockets: Sequence[socket.socket], seconds: float) -> Sequence[socket.socket]:
    """Those that have something to read, after so many seconds none."""
    pending = [each for each in sockets if isinstance(each, ssl.SSLSocket) and each.pending()]
    return pending or select.select(sockets, [], [], seconds)[0]


@dataclass(frozen=True)
class Timing:
    wait: Wait = wait
    clock: Callable[[], float] = time.monotonic


@dataclass
class PassedAnswer:
    """What came of a call."""

    ending: Ending = "broken"
    status: int = 0
    reusable: bool = False  # the connections, by the next call
    early: bytes = field(default=b"", repr=False)  # what OpenClaw has sent meanwhile


class Passage:
    """From the provider to OpenClaw; nothing is held back."""

    def __init__(self, client: socket.socket, upstream: socket.socket, timing: Timing, meter: Meter | None) -> None:
        self._client, self.upstream, self._timing, self._meter = client, upstream, timing, meter
        self._head: HttpHead | None = None
        self._body: Body | None = None
        self._raw = b""
        self.answer = PassedAnswer()

    def run(self) -> PassedAnswer:
        heard = self._timing.clock()
        while not (self._body and self._body.done):
            ready = self._timing.wait((self.upstream, self._client), SLICE)
            if self._client in ready and not self._listen():
                self.answer.ending = "aborted"
                return self.answer
            if self.upstream in ready:
                heard = self._timing.clock()
                if not self._pass_on():
                    return self.answer
            elif self._timing.clock() - heard >= SILENCE:
                return self.answer
        self.answer.ending = "whole"
        assert self._head
        self.answer.reusable = not (self._body.rest or self._head.closes or isinstance(self._body, Unbounded))
        return self.answer

    def _listen(self) -> bool:
        """False when OpenClaw is gone."""
        said = receive(self._client)
        self.answer.early += said or b""
        return said is None or (bool(said) and len(self.answer.early) <= HEAD_BYTES)

    def _pass_on(self) -> bool:
        """False when there is nobody to pass it from, or to."""
        data = receive(self.upstream)
        if data is None:
            return True
        try:
            if self._body is None:
                self._begin(data)
            else:
                self._forward(self._body, data)
        except Malformed:
            return False
        except OSError:
            self.answer.ending = "aborted"
            return False
        return True

    def _begin(self, data: bytes) -> None:
        """The head, when all of it is there; and what follows it."""
        self._raw += data
        raw, mark, rest = self._raw.partition(END)
        if not data or len(raw) > HEAD_BYTES:
            raise Malformed("a head without an end")
        if not mark:
            return
        head, self._raw = parse_head(raw), b""
        self.answer.status = status_of(head)
        if self.answer.status < 200:  # noqa: PLR2004 — the real one follows
            if rest:
                self._begin(rest)
            return
        self._head, self._body = head, answer_body(head)
        closing = (("connection", "close"),) if isinstance(self._body, Unbounded) else ()
        self._client.sendall(render_head(head.start, (*head.without(DROPPED), *closing)))
        if self._meter:
            self._meter.streamed = "event-stream" in (head.get("content-type") or "")
        if rest:
            self._forward(self._body, rest)

    def _forward(self, body: Body, data: bytes) -> None:
        content = body.feed(data)
        self._client.sendall(data[: len(data) - len(body.rest)] if body.done else data)
        if self._meter:
            self._meter.feed(content)


def receive(connection: socket.socket) -> bytes | None:
    """What has come: nothing at its end, None while there is nothing yet."""
    before = connection.gettimeout()
    connection.settimeout(0)
    try:
        return connection.recv(PIECE)
    except (BlockingIOError, ssl.SSLWantReadError):
        return None
    except OSError:
        return b""
    finally:
        connection.settimeout(before)
