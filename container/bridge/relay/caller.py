"""OpenClaw's side of a connection: its requests are read whole, and answered one after the other."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

from container.bridge.relay.exchange import PIECE
from container.bridge.relay.wire import END, HEAD_BYTES, HttpHead, Malformed, Sized, body_of, parse_head, render_head

MOST_BODY = 32 * 1024 * 1024  # bytes; what the providers themselves take at most
REST = 120.0  # seconds without a request after which a connection is closed
REQUEST = 30.0  # seconds in which the next piece of a request has to come
REASONS = {400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found"}


class Caller:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.early = b""  # came before it was asked for

    def head(self) -> HttpHead | None:
        """Of the next request; None where none comes. Raises Malformed, OSError."""
        self.connection.settimeout(REST)
        while END not in self.early:
            piece = self.connection.recv(PIECE)
            if not piece:
                return None
            self.connection.settimeout(REQUEST)
            self.early += piece
            if len(self.early) > HEAD_BYTES + PIECE:
                raise Malformed("a head without an end")
        raw, _, self.early = self.early.partition(END)
        return parse_head(raw)

    def body(self, head: HttpHead) -> bytes:
        """Raises Malformed, OSError."""
        following, pieces, size = body_of(head, Sized(0)), [], 0
        if isinstance(following, Sized) and following.left > MOST_BODY:
            raise Malformed("a body that is too large")
        if (head.get("expect") or "").lower() == "100-continue":
            self.connection.sendall(render_head("HTTP/1.1 100 Continue", ()))
        data, self.early = self.early, b""
        while not following.done:
            if data:
                pieces.append(following.feed(data))
                size += len(pieces[-1])
            if size > MOST_BODY:
                raise Malformed("a body that is too large")
            if not following.done:
                data = self.connection.recv(PIECE)
                if not data:
                    raise Malformed("it broke off")
        self.early = following.rest if pieces else data
        return b"".join(pieces)

    def say(self, status: int, words: Mapping[str, Any]) -> None:
        """An answer of our own. Raises OSError."""
        content = json.dumps(words).encode()
        headers = (("content-type", "application/json"), ("content-length", str(len(content))))
        start = f"HTTP/1.1 {status} {REASONS.get(status, 'Refused')}"
        self.connection.sendall(render_head(start, headers) + content)
