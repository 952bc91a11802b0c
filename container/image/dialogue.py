"""A person on OpenClaw's gateway, for as long as an image is built: asks, and waits for the end of the answer."""

from __future__ import annotations

import uuid
from types import TracebackType
from typing import Any

import websocket

from container.bridge.gateway_protocol import (
    Challenge,
    Event,
    Json,
    Response,
    RunEnded,
    RunFailed,
    build_connect,
    build_request,
    build_send,
    read_frame,
    session_key,
)

PATIENCE = 120  # seconds


class Dialogue:
    def __init__(self, port: int, token: str) -> None:
        self._token = token
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}", timeout=PATIENCE, suppress_origin=True, http_no_proxy=["127.0.0.1"]
        )

    def __enter__(self) -> Dialogue:
        while not isinstance(self._receive(), Challenge):
            pass
        self.call("connect", build_connect(self._token))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def call(self, method: str, params: Json) -> Json:
        """Raises RuntimeError with what the gateway has against it."""
        request = str(uuid.uuid4())
        self._socket.send(build_request(request, method, params))
        while True:
            event: Any = self._receive()
            if isinstance(event, Response) and event.id == request:
                if event.error:
                    raise RuntimeError(f"{method}: {event.error.code}: {event.error.message}")
                return event.payload

    def ask(self, conversation: str, text: str) -> None:
        run = str(uuid.uuid4())
        self.call("chat.send", build_send(session_key(conversation), run, text))
        while True:
            event = self._receive()
            if isinstance(event, RunFailed) and event.run_id == run:
                raise RuntimeError(event.message)
            if isinstance(event, RunEnded) and event.run_id == run:
                return

    def _receive(self) -> Event:
        return read_frame(self._socket.recv())
