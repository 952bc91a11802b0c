"""The bridge asks for its credentials: signed, again while the cloud is slow, not when its start is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from chalicelib.domain.bridge import Request, verify
from chalicelib.domain.credentials import PATH, SessionCredentials, encode_credentials
from chalicelib.errors import AgentUnavailable, Fenced
from container.bridge.credentials import CredentialsClient, IssuedCredentials
from container.bridge.wiring import published

KEY = "ab" * 32
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ISSUED = SessionCredentials("id", "secret", "token", datetime(2100, 1, 1, tzinfo=UTC))


class Cloud(ThreadingHTTPServer):
    """Answers with `statuses` in turn, then with credentials."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses, self.good = list(statuses), list[bool]()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/bridge/credentials"


class Handler(BaseHTTPRequestHandler):
    server: Cloud

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = Request("POST", PATH, body)
        self.server.good.append(verify(KEY, 3, request, dict(self.headers), NOW) is not None)
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        self.end_headers()
        if status == 200:
            self.wfile.write(json.dumps(encode_credentials(ISSUED, "203.0.113.7")).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def cloud(*statuses: int) -> Iterator[Cloud]:
    with Cloud(*statuses) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def client(server: Cloud, slept: list[float]) -> CredentialsClient:
    return CredentialsClient(server.url, "ada", 3, KEY, lambda: NOW, slept.append, lambda: "nonce")


def test_a_bridge_shows_its_key_and_learns_its_address() -> None:
    with cloud() as server:
        credentials = IssuedCredentials(client(server, []))
        credentials.fetch()
    issued = credentials.session().get_credentials()
    assert issued
    assert (issued.access_key, issued.token, credentials.host) == ("id", "token", "203.0.113.7")
    assert server.good == [True]


def test_nothing_is_asked_before_the_bridge_starts() -> None:
    with cloud() as server:
        IssuedCredentials(client(server, []))
    assert server.good == []


def test_every_session_has_the_same_credentials() -> None:
    with cloud() as server:
        credentials = IssuedCredentials(client(server, []))
        credentials.fetch()
    first, second = credentials.session(), credentials.session()
    assert first.get_credentials() is second.get_credentials()
    assert len(server.good) == 1


def test_a_cloud_that_is_slow_to_wake_is_asked_again_with_a_new_signature() -> None:
    slept: list[float] = []
    with cloud(503, 500) as server:
        client(server, slept).fetch()
    assert server.good == [True, True, True]
    assert slept == [0.5, 1.0]


def test_a_start_that_is_over_gets_nothing_and_does_not_insist() -> None:
    with cloud(403) as server, pytest.raises(Fenced):
        client(server, []).fetch()
    assert len(server.good) == 1


def test_a_cloud_that_stays_away_ends_the_bridge() -> None:
    slept: list[float] = []
    with cloud(*[503] * 6) as server, pytest.raises(AgentUnavailable):
        client(server, slept).fetch()
    assert sum(slept) < 60


def test_the_doorbell_is_where_the_cloud_saw_us() -> None:
    assert published("0.0.0.0:8080", "203.0.113.7") == "203.0.113.7:8080"
    assert published("127.1.2.3:8080", "") == "127.1.2.3:8080"
