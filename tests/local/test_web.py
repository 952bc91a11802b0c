"""The servers of the local product: what every request has to be before an application hears of it."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest

from local.web import Server, answer, read_body
from tests.local.waiting import SHORT


class Recorder:
    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.server = Server(0, 2, SHORT)
        self.server.serve(self._app)

    def say(self, request: bytes) -> bytes:
        """Raw bytes, then nothing more; what is answered."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as caller:
            caller.sendall(request)
            caller.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: caller.recv(4096), b""))

    def _app(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        self.bodies.append(read_body(environ))
        return answer(start, 200)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    yield recorder
    recorder.server.stop()


def post(body: bytes, length: int) -> bytes:
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def test_a_whole_request_is_heard(recorder: Recorder) -> None:
    assert recorder.say(post(b"hello", 5)).startswith(b"HTTP/1.1 200")
    assert recorder.bodies == [b"hello"]


def test_a_request_whose_sender_was_killed_in_the_middle_of_it_has_no_effect(recorder: Recorder) -> None:
    assert recorder.say(post(b"hel", 5)).startswith(b"HTTP/1.1 400")
    assert recorder.say(post(b"", 5)).startswith(b"HTTP/1.1 400")
    assert recorder.bodies == []
