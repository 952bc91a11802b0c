"""The socket side behaves as API Gateway does, in what it allows and in what it refuses."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from local.cloud import connections
from local.cloud.environments import Environments
from local.cloud.rate import AccountRate
from local.cloud.sockets import FRAME_LIMIT, MESSAGE_LIMIT, SocketGateway, SocketLimits
from local.names import STAGE
from local.web import Server
from tests.local import recorder
from tests.local.waiting import SHORT, wait_until

APP = Path(__file__).parent / "tiny_app.py"


@dataclass(frozen=True)
class Running:
    gateway: SocketGateway
    port: int
    management: str

    def open(self, query: str = "", **options: Any) -> ClientConnection:
        make: Callable[..., ClientConnection] = connect
        return make(f"ws://127.0.0.1:{self.port}/local{query}", compression=None, **options)

    def id_of(self, client: ClientConnection) -> str:
        """The newest connection's."""
        client.ping().wait(5)
        return str([value for kind, value in recorder.heard if kind == "connect"][-1])

    def push(self, connection_id: str, body: bytes = b"hello") -> int:
        return requests.post(f"{self.management}/{connection_id}", data=body, timeout=5).status_code


@pytest.fixture
def limits() -> SocketLimits:
    return SocketLimits()


class SteppedClock:
    """Goes as far as it is stepped, and not by itself."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def step(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def running(limits: SocketLimits, clock: SteppedClock) -> Iterator[Running]:
    environments = Environments(APP, limit=8)
    gateway, server = SocketGateway(environments, limits, clock), Server(0, 8, SHORT)
    port = gateway.start(0)
    server.serve(connections.application(gateway))
    there = Running(gateway, port, server.url)
    recorder.pushers.append(there.push)
    yield there
    gateway.close()
    server.stop()
    environments.close()
    recorder.clear()


def test_a_message_reaches_the_app_and_a_push_reaches_the_client(running: Running) -> None:
    with running.open() as client:
        client.send("hello")
        assert client.recv(timeout=5) == "echo hello"
        connection_id = running.id_of(client)
    wait_until(lambda: ("disconnect", connection_id) in recorder.heard)


def test_the_status_of_a_refused_connect_is_the_clients(running: Running) -> None:
    with pytest.raises(InvalidStatus) as refused:
        running.open("?status=403")
    assert refused.value.response.status_code == 403


def test_a_connect_handler_that_fails_is_a_bad_gateway(running: Running) -> None:
    with pytest.raises(InvalidStatus) as refused:
        running.open("?raise=1")
    assert refused.value.response.status_code == 502
    assert json.loads(refused.value.response.body or b"")["message"] == "Internal server error"


def test_another_stage_is_forbidden(running: Running) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{running.port}/prod")
    assert refused.value.response.status_code == 403


def test_the_app_chooses_the_subprotocol(running: Running) -> None:
    offered = [Subprotocol("ticket.abc"), Subprotocol("openclaw.v1")]
    with running.open("?protocol=1", subprotocols=offered) as client:
        assert client.subprotocol == "openclaw.v1"


def test_a_push_during_connect_finds_nobody(running: Running) -> None:
    with running.open("?push=1") as client:
        running.id_of(client)
    assert ("pushed", 410) in recorder.heard


def test_a_push_to_a_connection_that_went_away_is_gone(running: Running) -> None:
    with running.open() as client:
        connection_id = running.id_of(client)
    wait_until(lambda: ("disconnect", connection_id) in recorder.heard)
    answered = requests.post(f"{running.management}/{connection_id}", data=b"x", timeout=5)
    assert (answered.status_code, answered.headers["x-amzn-ErrorType"]) == (410, "GoneException")


def test_a_push_above_the_limit_is_refused_and_the_connection_lives(running: Running) -> None:
    with running.open(max_size=None) as client:
        connection_id = running.id_of(client)
        assert running.push(connection_id, b"x" * (MESSAGE_LIMIT + 1)) == 413
        assert running.push(connection_id, b"x" * MESSAGE_LIMIT) == 200
        assert len(client.recv(timeout=5)) == MESSAGE_LIMIT


def test_a_client_that_does_not_read_is_told_to_be_too_slow_and_loses_nothing(running: Running) -> None:
    with running.open(max_queue=1, max_size=None) as client:
        connection_id = running.id_of(client)
        bodies = [f"{number:06}".encode() * 20000 for number in range(200)]
        taken = [body for body in bodies if running.push(connection_id, body) == 200]
        assert len(taken) < len(bodies)
        assert [str(client.recv(timeout=5))[:6] for _ in taken] == [body[:6].decode() for body in taken]


@pytest.mark.parametrize("fragments", [["x" * (FRAME_LIMIT + 1)], ["x" * FRAME_LIMIT] * 5], ids=["frame", "message"])
def test_a_client_above_the_limits_is_closed_with_1009(running: Running, fragments: list[str]) -> None:
    with running.open() as client:
        with pytest.raises(ConnectionClosed):
            client.send(iter(fragments)) if len(fragments) > 1 else client.send(fragments[0])
            client.recv(timeout=5)
        assert client.close_code == 1009


def test_frames_of_one_client_run_concurrently(running: Running) -> None:
    with running.open() as client:
        client.send("sleep 0.3")
        client.send("quick")
        assert [client.recv(timeout=5) for _ in range(2)] == ["echo quick", "echo sleep 0.3"]


def test_a_handler_that_fails_answers_with_the_gateways_error(running: Running) -> None:
    with running.open() as client:
        client.send("raise")
        told = json.loads(client.recv(timeout=5))
        assert told["message"] == "Internal server error"
        assert told["connectionId"] == running.id_of(client)
        assert told["requestId"]


def test_a_connection_can_be_looked_at_and_closed(running: Running) -> None:
    with running.open(user_agent_header="tests/1") as client:
        url = f"{running.management}/{running.id_of(client)}"
        assert requests.get(url, timeout=5).json()["identity"] == {"sourceIp": "127.0.0.1", "userAgent": "tests/1"}
        assert requests.delete(url, timeout=5).status_code == 204
        assert requests.get(url, timeout=5).status_code == 410
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)


@pytest.mark.parametrize("limits", [SocketLimits(idle=0.2), SocketLimits(life=0.2)], ids=["idle", "old"])
def test_an_idle_or_old_connection_is_closed(running: Running, clock: SteppedClock) -> None:
    with running.open() as client, pytest.raises(ConnectionClosed):
        clock.step(0.2)
        client.recv(timeout=5)
    assert client.close_code == 1001


@pytest.mark.parametrize("limits", [SocketLimits(idle=0.05)])
def test_traffic_keeps_a_connection(running: Running, clock: SteppedClock) -> None:
    """Each step leaves it 0.01 s; it is looked at all the time, by the gateway's clock, which stands in between."""
    with running.open() as client:
        for _ in range(3):
            clock.step(0.04)
            client.send("hello")
            assert client.recv(timeout=5) == "echo hello"
            time.sleep(0.1)
        clock.step(0.06)
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)
        assert client.close_code == 1001


@pytest.mark.parametrize("limits", [SocketLimits(integration=0.2)])
def test_a_handler_that_takes_too_long_times_out_for_the_client(running: Running) -> None:
    with running.open() as client:
        client.send("sleep 0.5")
        assert json.loads(client.recv(timeout=5))["message"] == "Endpoint request timed out"


def test_many_pushes_at_once_arrive_whole(running: Running) -> None:
    with running.open(max_size=None) as client:
        bodies = [f"{number:03}".encode() * 4000 for number in range(100)]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(running.push, repeat(running.id_of(client)), bodies))
        assert {str(client.recv(timeout=5)).encode() for _ in bodies} == set(bodies)


def test_a_push_that_comes_when_the_gateway_has_closed_is_refused_and_leaves_nothing(running: Running) -> None:
    gateway = SocketGateway(running.gateway.environments)
    gateway.start(0)
    gateway.close()
    work = asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="closed"):
        gateway.run(work)
    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED


def test_a_message_above_the_accounts_rate_is_refused(clock: SteppedClock) -> None:
    limits = SocketLimits(rate=AccountRate(per_second=0.001, burst=2))  # a handshake, and a message
    environments = Environments(APP, limit=2)
    gateway = SocketGateway(environments, limits, clock)
    port = gateway.start(0)
    recorder.pushers.append(lambda _connection, _body: 200)
    with connect(f"ws://127.0.0.1:{port}/{STAGE}") as client:
        client.send("one")
        client.send("two")
        assert json.loads(client.recv(timeout=5))["message"] == "Too Many Requests"
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{port}/{STAGE}")
    assert refused.value.response.status_code == 429
    wait_until(lambda: ("message", "one") in recorder.heard)
    gateway.close()
    environments.close()
    assert ("message", "two") not in recorder.heard
    recorder.clear()
