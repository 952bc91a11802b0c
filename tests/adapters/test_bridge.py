"""The doorbell against a real TLS server: who shows another certificate hears nothing."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import pytest

from chalicelib.adapters.bridge import HttpsDoorbell
from chalicelib.domain.agent import Agent, State
from chalicelib.domain.bridge import Request, verify
from container.bridge.certificate import Identity, create_identity
from tests.fakes.clock import NOON
from tests.fakes.values import KEY

ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
IDENTITY = create_identity(NOON)


class Bridge:
    """Takes one connection and remembers every byte that came through its TLS."""

    def __init__(self, identity: Identity, answer: bytes) -> None:
        self.heard = b""
        self._answer = answer
        self._context = identity.context()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        accepted, _ = self.listener.accept()
        with accepted:
            accepted.settimeout(5)
            try:
                with self._context.wrap_socket(accepted, server_side=True) as secured:
                    self._listen(secured)
            except (ssl.SSLError, OSError):
                return  # the other side left in the middle, which is its right

    def _listen(self, secured: ssl.SSLSocket) -> None:
        while b"\r\n\r\n" not in self.heard or not self.heard.endswith(b"{}"):
            if not (heard := secured.recv(4096)):
                return
            self.heard += heard
        secured.sendall(self._answer)


@contextmanager
def bridge(answer: bytes = ACCEPTED) -> Iterator[Bridge]:
    server = Bridge(IDENTITY, answer)
    thread = Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        thread.join()
        server.listener.close()


def agent(address: str, sha256: str = IDENTITY.sha256) -> Agent:
    return Agent("ada", State.RUNNING, epoch=7, address=address, certificate_sha256=sha256, bridge_key=KEY)


def ring(who: Agent) -> bool:
    return HttpsDoorbell(lambda: NOON, lambda: "nonce-1").ring(who)


def test_the_bridge_that_was_pinned_hears_a_signed_empty_ring() -> None:
    with bridge() as server:
        assert ring(agent(server.address))
    head, _, body = server.heard.partition(b"\r\n\r\n")
    request, *lines = head.decode().split("\r\n")
    assert (request, body) == ("POST /message HTTP/1.1", b"{}")
    headers = dict(line.split(": ", 1) for line in lines)
    assert verify(KEY, 7, Request("POST", "/message", b"{}"), headers, NOON) == "nonce-1"


def test_somebody_else_at_the_address_hears_not_one_byte() -> None:
    with bridge() as server:
        assert not ring(agent(server.address, create_identity(NOON).sha256))
    assert server.heard == b""


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"",
        b"?",
    ],
)
def test_anything_but_accepted_is_no_answer(answer: bytes) -> None:
    with bridge(answer) as server:
        assert not ring(agent(server.address))


def test_a_bridge_that_is_gone_is_no_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    assert not ring(agent(address))


def test_a_bridge_that_is_not_fully_known_is_not_rung() -> None:
    known = agent("127.0.0.1:1")
    for unknown in (
        replace(known, address=None),
        replace(known, certificate_sha256=None),
        replace(known, bridge_key=None),
    ):
        assert not ring(unknown)
