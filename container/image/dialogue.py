"""A person on OpenClaw's gateway, for as long as an image is built: asks, and waits for the end of the answer.

It knows less of the protocol than the bridge, on purpose: what is kept of these dialogues is kept when the bridge
changes.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

import websocket

TIMEOUT = 120  # seconds
Frame = dict[str, Any]


class Dialogue:
    def __init__(self, port: int, token: str) -> None:
        url = f"ws://127.0.0.1:{port}"
        self._token = token
        self._socket = websocket.create_connection(
            url, timeout=TIMEOUT, suppress_origin=True, http_no_proxy=["127.0.0.1"]
        )

    def __enter__(self) -> Dialogue:
        client = {"id": "gateway-client", "version": "1.0.0", "platform": "linux", "mode": "backend"}
        self._await(lambda frame: frame.get("event") == "connect.challenge")
        self.call(
            "connect",
            {
                **{"minProtocol": 4, "maxProtocol": 4, "client": client, "role": "operator"},
                **{"scopes": ["operator.read", "operator.write", "operator.admin"], "auth": {"token": self._token}},
            },
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def call(self, method: str, params: Mapping[str, Any]) -> Frame:
        """Raises RuntimeError with what the gateway has against it."""
        request = str(uuid.uuid4())
        self._socket.send(json.dumps({"type": "req", "id": request, "method": method, "params": params}))
        answer = self._await(lambda frame: frame.get("id") == request)
        if not answer["ok"]:
            raise RuntimeError(f"{method}: {answer['error']}")
        payload: Frame = answer.get("payload") or {}
        return payload

    def ask(self, conversation: str, text: str) -> str:
        """The answer."""
        run = str(uuid.uuid4())
        self.call("chat.send", {"sessionKey": f"agent:main:{conversation}", "message": text, "idempotencyKey": run})
        end = self._await(lambda frame: _state(frame, run) in ("final", "error", "aborted"))["payload"]
        if end["state"] != "final":
            raise RuntimeError(f"{text!r} was not answered: {end}")
        return "".join(part.get("text", "") for part in end["message"]["content"])

    def _await(self, wanted: Callable[[Frame], bool]) -> Frame:
        while True:
            frame: Frame = json.loads(self._socket.recv())
            if wanted(frame):
                return frame


def _state(frame: Frame, run: str) -> str | None:
    payload = frame.get("payload") or {}
    return payload.get("state") if frame.get("event") == "chat" and payload.get("runId") == run else None
