"""The small WSGI vocabulary of the local servers: an answer, the refusal of strangers, and cheroot on loopback."""

from __future__ import annotations

import http
import io
import json
import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from cheroot import wsgi

from local.guard import Guard

LOOPBACK = "127.0.0.1"
BODY_BYTES = 16 * 1024 * 1024
HEADER_BYTES = 64 * 1024
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
log = logging.getLogger(__name__)


def answer(
    start: StartResponse, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    fields = {"Content-Length": str(len(body)), **(headers or {})}
    for name, value in fields.items():
        if CONTROL.search(value):  # a line break would begin a header, or an answer, of somebody else's
            raise ValueError(f"{name} may not be {value!r}")
    start(f"{status} {http.HTTPStatus(status).phrase}", list(fields.items()))
    return [body]


def answer_json(
    start: StartResponse, status: int, value: Any, headers: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    return answer(start, status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


def read_body(environ: WSGIEnvironment) -> bytes:
    """The whole body; what follows in the chain can read it again."""
    chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    body: bytes = environ["wsgi.input"].read(*([] if chunked else [int(environ.get("CONTENT_LENGTH") or 0)]))
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
    return body


def whole_only(app: WSGIApplication) -> WSGIApplication:
    """Refuses a request whose sender died in the middle of it: half a frame, or half an object, is none."""

    def whole(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        promised = str(environ.get("CONTENT_LENGTH") or "0")
        if not (promised.isascii() and promised.isdigit()) or len(read_body(environ)) < int(promised):
            return answer(start, 400, b"The body is incomplete.\n", {"Content-Type": "text/plain"})
        return app(environ, start)

    return whole


Refuse = Callable[[WSGIEnvironment, StartResponse, str], Iterable[bytes]]


def refuse_plainly(_environ: WSGIEnvironment, start: StartResponse, reason: str) -> Iterable[bytes]:
    return answer(start, 403, f"{reason}\n".encode(), {"Content-Type": "text/plain"})


def guarded(app: WSGIApplication, guard: Guard, refuse: Refuse = refuse_plainly) -> WSGIApplication:
    def checked(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def values(name: str) -> Sequence[str]:
            value = environ.get(f"HTTP_{name.upper().replace('-', '_')}")
            return [] if value is None else [str(value)]  # the server has joined them, if there are several

        reason = guard.refusal(str(environ["REQUEST_METHOD"]), values)
        return app(environ, start) if reason is None else refuse(environ, start, reason)

    return checked


class _Cheroot(wsgi.Server):
    timeout = 300  # idle connections stay: a client that finds its own closed must begin anew
    keep_alive_conn_limit = 256
    shutdown_timeout = 1
    max_request_header_size = HEADER_BYTES
    max_request_body_size = BODY_BYTES

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        log.log(level, msg, exc_info=traceback)


class Server:
    """Listens from the start, answers from `serve` on, in a thread of its own; `port` tells which it is.

    `interval`: seconds between two looks at idle connections, and as long as `stop` takes at most.
    """

    def __init__(self, port: int, threads: int, interval: float = 0.2) -> None:
        self._server = _Cheroot((LOOPBACK, port), _unready, numthreads=threads, max=threads, request_queue_size=128)
        self._server.expiration_interval = interval
        self._server.prepare()
        self._thread = threading.Thread(target=self._server.serve, name=f"server {self.port}")

    @property
    def port(self) -> int:
        port: int = self._server.bind_addr[1]
        return port

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def serve(self, app: WSGIApplication, guard: Guard | None = None, refuse: Refuse = refuse_plainly) -> None:
        """Without a `guard` no browser has any business here."""
        self._server.wsgi_app = guarded(whole_only(app), guard or Guard(), refuse)
        self._thread.start()

    def stop(self) -> None:
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join()


def _unready(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    return answer(start, 503)
