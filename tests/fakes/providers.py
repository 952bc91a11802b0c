"""All providers of models on one port of the loopback, with TLS in their names; and a proxy that leads there."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from container.bridge.certificate import create_identity
from container.bridge.relay.providers import HOSTS, ModelProvider
from container.bridge.relay.upstream import quiet

Json = dict[str, Any]
IDENTITY = create_identity(datetime.now(UTC), HOSTS)


@dataclass
class Asked:
    host: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    ended: threading.Event = field(default_factory=threading.Event)  # the caller is gone, or has it all

    @property
    def json(self) -> Json:
        found: Json = json.loads(self.body)
        return found


class FakeProviders(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.tls = IDENTITY.context()
        self.asked: list[Asked] = []
        self.words = ["Hello ", "you."]
        self.status = 200
        self.between: Callable[[int], None] = lambda index: None  # before each word
        self.dies_after: int | None = None  # words
        self.connections = 0
        self._serving = threading.local()  # its end of the connection that a thread serves

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def get_request(self) -> tuple[socket.socket, Any]:
        self.connections += 1
        return super().get_request()

    def finish_request(self, request: Any, client_address: Any) -> None:
        with suppress(OSError), self.tls.wrap_socket(request, server_side=True) as secured:
            self._serving.connection = secured
            Handler(secured, client_address, self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers may hang up."""

    def notice_end(self, seconds: float = 10.0) -> bool:
        """Silent until the other side of this connection goes; from `between`. False when it does not."""
        connection: ssl.SSLSocket = self._serving.connection
        connection.settimeout(seconds)
        try:
            return not connection.recv(1)
        except TimeoutError:
            return False
        except OSError:
            return True

    def dial(self, provider: ModelProvider) -> socket.socket:
        """As the relay's own, but here."""
        connection = quiet(socket.create_connection(("127.0.0.1", self.port), 10))
        return trusting().wrap_socket(connection, server_hostname=provider.host)


class Handler(BaseHTTPRequestHandler):
    server: FakeProviders
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests look at `asked`."""

    def do_GET(self) -> None:
        self._note(b"")
        self._whole(200, {"data": [], "models": []})

    def do_POST(self) -> None:
        asked = self._note(self.rfile.read(int(self.headers.get("content-length") or 0)))
        try:
            if self.server.status == 200:
                self._stream(asked)
            else:
                self._whole(self.server.status, {"error": {"type": "x", "message": f"HTTP {self.server.status}"}})
        except OSError:
            self.close_connection = True
        finally:
            asked.ended.set()

    def _note(self, body: bytes) -> Asked:
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(headers.get("host", ""), self.command, self.path, headers, body)
        self.server.asked.append(asked)
        return asked

    def _whole(self, status: int, answer: Json) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, asked: Asked) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.send_header("set-cookie", "a=b")
        self.end_headers()
        self._chunk(b": ping\n\n")
        before, each, after = script(asked)
        for event in before:
            self._chunk(event)
        for index, word in enumerate(self.server.words):
            self._go_on(index)
            self._chunk(each(word))
        for event in after("".join(self.server.words)):
            self._chunk(event)
        self.wfile.write(b"0\r\n\r\n")

    def _go_on(self, index: int) -> None:
        if index == self.server.dies_after:
            self.connection.close()
            raise OSError("dead")
        self.server.between(index)

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


Script = tuple[list[bytes], Callable[[str], bytes], Callable[[str], list[bytes]]]


def script(asked: Asked) -> Script:
    """What is said before, with and after the words, as each API has it."""
    if asked.path.startswith("/v1/messages"):
        return _messages()
    if asked.path == "/v1/responses":
        return _responses()
    if "/v1beta/" in asked.path:
        return _generated()
    return _completions(bool((asked.json.get("stream_options") or {}).get("include_usage")))


def _event(data: Json, named: bool = False) -> bytes:
    name = f"event: {data['type']}\n" if named else ""
    return f"{name}data: {json.dumps(data)}\n\n".encode()


def _messages() -> Script:
    used = {"input_tokens": 100, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 30}
    split = {"cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10}}
    message: Json = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
    message |= {"stop_reason": None, "usage": {**used, **split, "output_tokens": 1}}
    before = [
        _event({"type": "message_start", "message": message}, True),
        _event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}, True),
    ]
    after = [
        _event({"type": "content_block_stop", "index": 0}, True),
        _event({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 50}}, True),
        _event({"type": "message_stop"}, True),
    ]

    def each(word: str) -> bytes:
        delta = {"type": "text_delta", "text": word}
        return _event({"type": "content_block_delta", "index": 0, "delta": delta}, True)

    return before, each, lambda text: after


def _responses() -> Script:
    response: Json = {"id": "resp_1", "object": "response", "status": "in_progress", "model": "m", "output": []}
    item: Json = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    part: Json = {"type": "output_text", "text": "", "annotations": []}
    at = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    before = [
        _event({"type": "response.created", "response": response}, True),
        _event({"type": "response.output_item.added", "output_index": 0, "item": item}, True),
        _event({"type": "response.content_part.added", **at, "part": part}, True),
    ]

    def after(text: str) -> list[bytes]:
        said = {**part, "text": text}
        done = {**item, "status": "completed", "content": [said]}
        usage = {"input_tokens": 1234, "input_tokens_details": {"cached_tokens": 1000}, "output_tokens": 50}
        usage |= {"output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 1284}
        whole = {**response, "status": "completed", "output": [done], "usage": usage}
        return [
            _event({"type": "response.output_text.done", **at, "text": text}, True),
            _event({"type": "response.content_part.done", **at, "part": said}, True),
            _event({"type": "response.output_item.done", "output_index": 0, "item": done}, True),
            _event({"type": "response.completed", "response": whole}, True),
        ]

    return before, lambda word: _event({"type": "response.output_text.delta", **at, "delta": word}, True), after


def _generated() -> Script:
    def event(text: str, usage: Json, **more: str) -> bytes:
        candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0, **more}
        return _event({"candidates": [candidate], "usageMetadata": usage})

    first = {"promptTokenCount": 1100, "cachedContentTokenCount": 1000}
    last = {**first, "candidatesTokenCount": 57, "thoughtsTokenCount": 7, "totalTokenCount": 1164}
    return [], lambda word: event(word, first), lambda text: [event("", last, finishReason="STOP")]


def _completions(usage: bool) -> Script:
    def chunk(delta: Json, reason: str | None = None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}

    used: Json = {"prompt_tokens": 1100, "completion_tokens": 50, "total_tokens": 1150}
    used |= {"prompt_tokens_details": {"cached_tokens": 1000}}
    told = [_event({**chunk({}), "choices": [], "usage": used})] if usage else []
    end = [_event(chunk({}, "stop")), *told, b"data: [DONE]\n\n"]
    return [_event(chunk({"role": "assistant"}))], lambda word: _event(chunk({"content": word})), lambda text: end


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cadata=IDENTITY.pem)


@contextmanager
def fake_providers() -> Iterator[FakeProviders]:
    with FakeProviders() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def tunnel(target: int) -> Iterator[str]:
    """A proxy whose every CONNECT leads to this port; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        threading.Thread(target=_accept, args=(listener, target), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, target: int) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_lead, args=(connection, target), daemon=True).start()


def _lead(connection: socket.socket, target: int) -> None:
    with suppress(OSError), connection, socket.create_connection(("127.0.0.1", target)) as other:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(1)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        back = threading.Thread(target=_copy, args=(other, connection), daemon=True)
        back.start()
        _copy(connection, other)
        back.join()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
