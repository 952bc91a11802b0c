"""The bridge's HTTP API. It believes nothing in a request but its signature, and tells strangers nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from flask import Flask, Response, jsonify, request

from chalicelib.domain.bridge import BODY_BYTES, WINDOW, Request, verify
from chalicelib.ports import Clock

ACCEPTED = 202
UNAUTHORIZED = 401


class BridgeCommands(Protocol):
    """What a request can ask of the bridge. Each returns at once: the server has one thread."""

    def ring(self) -> None: ...

    def status(self) -> dict[str, Any]: ...

    def shut_down(self) -> None: ...


class Nonces:
    """Those seen within the window; a request that comes again is refused."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}

    def admit(self, nonce: str, now: datetime) -> bool:
        self._seen = {each: at for each, at in self._seen.items() if now - at <= 2 * WINDOW}
        if nonce in self._seen:
            return False
        self._seen[nonce] = now
        return True


def create_app(bridge: BridgeCommands, key: str, epoch: int, clock: Clock) -> Flask:
    app = Flask("bridge")
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    app.before_request(_guard(Nonces(), key, epoch, clock))

    @app.get("/health")
    def health() -> Any:
        return jsonify(status="ok")

    @app.post("/message")
    def message() -> Any:
        bridge.ring()
        return jsonify(status="processing"), ACCEPTED

    @app.get("/status")
    def status() -> Any:
        return jsonify(bridge.status())

    @app.post("/shutdown")
    def shutdown() -> Any:
        bridge.shut_down()
        return jsonify(status="shutting_down"), ACCEPTED

    return app


def _guard(nonces: Nonces, key: str, epoch: int, clock: Clock) -> Callable[[], Response | None]:
    """Everything unsigned, late or replayed gets the same 401, also for paths that do not exist."""

    def check() -> Response | None:
        if (request.method, request.environ["REQUEST_URI"]) == ("GET", "/health"):
            return None
        too_large = (request.content_length or 0) > BODY_BYTES or "Transfer-Encoding" in request.headers
        body = b"" if too_large else request.get_data()
        asked = Request(request.method, request.environ["REQUEST_URI"], body)
        nonce = None if too_large else verify(key, epoch, asked, dict(request.headers), clock())
        if nonce is None or not nonces.admit(nonce, clock()):
            return Response(status=UNAUTHORIZED)
        return None

    return check
