"""OpenClaw's gateway without us: one `chat.send` on a socket of its own, the yardstick of the benchmarks."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from types import TracebackType

import websocket

from container.bridge.openclaw.protocol import (
    Challenge,
    Event,
    Response,
    RunEnded,
    RunText,
    build_connect,
    build_request,
    build_send,
    read_frame,
    session_key,
)


class BareGateway:
    """A client of OpenClaw's gateway on loopback; its socket lives as long as the `with`."""

    def __init__(self, port: int, token: str) -> None:
        self._token = token
        self._socket = websocket.create_connection(f"ws://127.0.0.1:{port}", timeout=30, suppress_origin=True)

    @classmethod
    def of(cls, state: Path) -> BareGateway:
        """That of the product whose state is in `state`: its port and token are in the task's folders."""
        (config,) = state.glob("tasks/*/state/openclaw.json")
        (order,) = state.glob("tasks/*/go.json")
        return cls(json.loads(config.read_text())["gateway"]["port"], json.loads(order.read_text())["token"])

    def __enter__(self) -> BareGateway:
        while not isinstance(self._receive(), Challenge):
            pass
        self._socket.send(build_request("hello", "connect", build_connect(self._token)))
        while not isinstance(self._receive(), Response):
            pass
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def turn(self, conversation: str, text: str) -> tuple[float, float]:
        """Seconds to the first word and to the end."""
        run, key = str(uuid.uuid4()), session_key(conversation)
        began = time.monotonic()
        self._socket.send(build_request(run, "chat.send", build_send(key, run, text)))
        first = 0.0
        while True:
            event = self._receive()
            if isinstance(event, RunText) and event.run_id == run:
                first = first or time.monotonic() - began
            if isinstance(event, RunEnded) and event.run_id == run:
                return first, time.monotonic() - began

    def _receive(self) -> Event:
        return read_frame(self._socket.recv())
