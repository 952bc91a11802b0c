"""The demo model's HTTP side; `GET …/_log` tells what it was asked: tests read it.

Everything is below a path that is made for each run: whoever was not told it finds nothing.
"""

from __future__ import annotations

import hmac
import json
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import ModuleType
from typing import Any

from local.demo_model import anthropic, openai
from local.demo_model.answer import Answer, compose
from local.demo_model.prompt import Prompt, read
from local.guard import Guard

FORMATS = {"/messages": anthropic, "/chat/completions": openai}
REMEMBERED = 1000
BYTES_PER_TOKEN = 4
BODY_BYTES = 32 * 1024 * 1024
LONGEST_SILENCE = 300.0  # seconds that a connection may be idle, or a body take


@dataclass
class Asked:
    path: str
    model: str
    last: str  # line of what the person typed
    turns: int  # things the person said, as far as the request tells them
    tool: bool  # it brought a tool's answer back
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))
    broken: bool = False  # the reader went away, or we dropped it
    text: str = ""  # all of what the person said last


class DemoModel(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), DemoHandler)
        self.asked: deque[Asked] = deque(maxlen=REMEMBERED)
        self.secret = secrets.token_urlsafe(16)
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{self.secret}"

    def remember(self, asked: Asked) -> None:
        with self._lock:
            self.asked.append(asked)

    def log(self) -> list[dict[str, Any]]:
        """Oldest first."""
        with self._lock:
            return [asdict(asked) for asked in self.asked]


class DemoHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = LONGEST_SILENCE
    server: DemoModel

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: what was asked is private, and /_log tells it to those on this machine."""

    def do_GET(self) -> None:
        path = self._path()
        if path == "/_log":
            self._json(200, self.server.log())
        elif path and path.endswith("/models"):
            self._json(200, {"object": "list", "data": [{"id": "demo-1", "object": "model"}]})
        elif path is not None:
            self._json(404, {"error": "there is nothing here"})

    def do_POST(self) -> None:
        path = self._path()
        if path is None or (raw := self._body()) is None:
            return
        style = next((module for ending, module in FORMATS.items() if path.endswith(ending)), None)
        if style is None:
            self._json(404, {"error": "there is nothing here"})
            return
        try:
            body = json.loads(raw)
            prompt = read(body)
        except (ValueError, TypeError, AttributeError, RecursionError):
            self._json(400, {"error": "the body is not a request of a model"})
            return
        self._hear(style, path, body, prompt, len(raw) // BYTES_PER_TOKEN)

    def _path(self) -> str | None:
        """Below the secret one, without the query; None when the request was refused."""
        _, secret, *rest = [*self.path.partition("?")[0].split("/"), ""]
        reason = Guard().refusal(self.command, lambda name: self.headers.get_all(name) or [])
        if reason is None and hmac.compare_digest(secret.encode(errors="replace"), self.server.secret.encode()):
            return f"/{'/'.join(rest)}".rstrip("/")
        self.close_connection = True  # whatever it goes on to say
        self._json(403, {"error": reason or "the address is not the one that was given out"})
        return None

    def _body(self) -> bytes | None:
        """None when it was refused: no length, too much, or less than was promised."""
        length = self.headers.get("Content-Length") or ""
        status = HTTPStatus.LENGTH_REQUIRED
        if length.isascii() and length.isdigit():
            if len(length) < len(str(BODY_BYTES)) + 1 and int(length) <= BODY_BYTES:
                raw = self.rfile.read(int(length))
                if len(raw) == int(length):
                    return raw
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        self.close_connection = True
        self._json(status, {"error": f"a body of at most {BODY_BYTES} bytes is taken, with its length"})
        return None

    def _hear(self, style: ModuleType, path: str, body: Any, prompt: Prompt, tokens: int) -> None:
        facts = (path, str(body.get("model")), prompt.line, prompt.turns, prompt.tool_result is not None)
        asked = Asked(*facts, text=prompt.text)
        self.server.remember(asked)
        try:
            self._answer(style, body, prompt, tokens)
        except (BrokenPipeError, ConnectionResetError):
            asked.broken, self.close_connection = True, True

    def _answer(self, style: ModuleType, body: Any, prompt: Prompt, tokens: int) -> None:
        answer, model = compose(prompt), str(body.get("model"))
        if answer.directives.error:
            self._json(answer.directives.error, style.error(answer.directives.error))
        elif body.get("stream"):
            self._stream(paced(style.stream(answer, model, tokens), answer, style.broken()))
        else:
            self._json(200, style.whole(answer, model, tokens))

    def _stream(self, events: Iterator[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            content = event.encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))
        self.wfile.write(b"0\r\n\r\n")

    def _json(self, status: int, value: Any) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def paced(events: Iterator[tuple[str, bool]], answer: Answer, broken: str) -> Iterator[str]:
    """At the speed that was asked for; breaks after half of the words when told to, `broken` in place of the rest."""
    said = 0
    for event, is_word in events:
        if is_word:
            if answer.directives.midfail and said == len(answer.words) // 2:
                raise BrokenPipeError("told to drop the connection")
            if answer.directives.broken and said == len(answer.words) // 2:
                yield broken
                return
            time.sleep(answer.delay if said else answer.directives.first)
            said += 1
        yield event
