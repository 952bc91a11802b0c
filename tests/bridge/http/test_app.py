from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from chalicelib.domain.bridge import Request, sign
from container.bridge.http.app import create_app
from tests.fakes.clock import FakeClock

KEY = "ab" * 32
EPOCH = 7


class FakeBridge:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def ring(self) -> None:
        self.asked.append("ring")

    def status(self) -> dict[str, Any]:
        return {"state": "running"}

    def shut_down(self) -> None:
        self.asked.append("shut down")


class Caller:
    def __init__(self) -> None:
        self.bridge, self.clock = FakeBridge(), FakeClock()
        self.client: FlaskClient = create_app(self.bridge, KEY, EPOCH, self.clock).test_client()

    def call(self, method: str, path: str, body: bytes = b"{}", nonce: str = "n1", **changes: Any) -> int:
        """The status of a well-signed request with some headers changed."""
        headers = {**sign(KEY, EPOCH, Request(method, path, body), self.clock(), nonce), **changes}
        return self.client.open(path, method=method, data=body, headers=headers).status_code


def test_a_signed_ring_is_heard() -> None:
    caller = Caller()
    assert caller.call("POST", "/message") == 202
    assert caller.bridge.asked == ["ring"]


def test_a_signed_shutdown_is_obeyed() -> None:
    caller = Caller()
    assert caller.call("POST", "/shutdown") == 202
    assert caller.bridge.asked == ["shut down"]


def test_a_signed_question_is_answered() -> None:
    assert Caller().call("GET", "/status", b"") == 200


def test_anybody_may_ask_for_health_and_learns_nothing_else() -> None:
    answer = Caller().client.get("/health")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("path", ["/message", "/shutdown", "/nothing-there"])
def test_an_unsigned_request_gets_401_wherever_it_goes(path: str) -> None:
    caller = Caller()
    answer = caller.client.post(path, data=b"{}")
    assert (answer.status_code, answer.data) == (401, b"")
    assert caller.bridge.asked == []


@pytest.mark.parametrize(
    "changes",
    [{"X-Signature": "0" * 64}, {"X-Epoch": "8"}, {"X-Nonce": "other"}, {"X-Time": "2026-01-01T12:00:01.000Z"}],
)
def test_a_changed_header_gets_401(changes: dict[str, Any]) -> None:
    assert Caller().call("POST", "/message", **changes) == 401


def test_a_replayed_request_gets_401() -> None:
    caller = Caller()
    assert [caller.call("POST", "/message", nonce="same") for _ in range(2)] == [202, 401]


def test_a_late_request_gets_401() -> None:
    caller = Caller()
    signed = sign(KEY, EPOCH, Request("POST", "/message", b"{}"), datetime(2026, 1, 1, 12, tzinfo=UTC), "n1")
    caller.clock.now += timedelta(seconds=61)
    assert caller.client.post("/message", data=b"{}", headers=signed).status_code == 401


def test_a_large_body_gets_401_unread() -> None:
    assert Caller().call("POST", "/message", b"x" * 5000) == 401
