"""The small WSGI vocabulary of the local servers: an answer, a refusal of foreign hosts, and cheroot on loopback."""

from __future__ import annotations

import http
import io
import json
import logging
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from cheroot import wsgi

LOOPBACK = "127.0.0.1"
HOSTS = {LOOPBACK, "localhost"}
log = logging.getLogger(__name__)


def answer(
    start: StartResponse, status: int, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    fields = {"Content-Length": str(len(body)), **(headers or {})}
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

    def guarded(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        promised = int(environ.get("CONTENT_LENGTH") or 0)
        if len(read_body(environ)) < promised:
            return answer(start, 400, b"The body is incomplete.\n", {"Content-Type": "text/plain"})
        return app(environ, start)

    return guarded


def loopback_only(app: WSGIApplication) -> WSGIApplication:
    """Refuses requests meant for another host: a page elsewhere cannot reach us by rebinding its name."""

    def guarded(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        host = str(environ.get("HTTP_HOST", "")).rpartition(":")[0] or environ.get("HTTP_HOST", "")
        if host not in HOSTS:
            return answer(start, 403, b"Only this machine is served.\n", {"Content-Type": "text/plain"})
        return app(environ, start)

    return guarded


class _Cheroot(wsgi.Server):
    timeout = 300  # idle connections stay: a client that finds its own closed must begin anew
    keep_alive_conn_limit = 256
    shutdown_timeout = 1

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

    def serve(self, app: WSGIApplication) -> None:
        self._server.wsgi_app = loopback_only(whole_only(app))
        self._thread.start()

    def stop(self) -> None:
        self._server.stop()
        if self._thread.is_alive():
            self._thread.join()


def _unready(_environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    return answer(start, 503)
