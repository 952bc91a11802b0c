"""What Lambda has killed has no effect any more; what it froze may find its connections dead."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice

from chalicelib.adapters.apigateway import SocketPush
from chalicelib.adapters.clients import make_client
from local.cloud.environment import DEAD, Function
from local.cloud.environments import Account, Environments, FunctionTimedOut, deployed
from tests.fakes.http import HttpServer, http_server
from tests.local.waiting import wait_until

APP = Path(__file__).parent / "tiny_app.py"
ROOT = Path(__file__).parents[2]
NAME = "worker"


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with http_server() as server:
        yield server


@pytest.fixture
def environments(tmp_path: Path) -> Iterator[Environments]:
    made = Environments(APP, 1, Account({NAME: Function(NAME, timeout=0.2)}, state=tmp_path))
    yield made
    made.close()


def post(server: HttpServer, path: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.server_port)) as connection:
        connection.request("POST", path, b"x")
        connection.getresponse().read()


def run(environments: Environments, work: Callable[[], object]) -> Any:
    def handler(_app: Chalice, _context: object) -> object:
        return work()

    return environments.submit(NAME, handler).future.result(5)


def test_what_a_function_has_not_done_by_its_end_does_not_happen(
    environments: Environments, server: HttpServer
) -> None:
    def late() -> None:
        post(server, "/early")
        time.sleep(0.3)
        for _ in range(2):
            with suppress(Exception):  # as a handler that tries again
                post(server, "/late")
        heard.append("that it goes on")

    heard: list[str] = []
    with pytest.raises(FunctionTimedOut):
        run(environments, late)
    assert [path for _, path, _ in server.asked] == ["/early"]
    assert heard == []


def test_a_killed_environment_is_not_used_again(environments: Environments, server: HttpServer) -> None:
    apps: list[Chalice] = []

    def keep(app: Chalice, _context: object) -> None:
        apps.append(app)
        time.sleep(0.3 if len(apps) == 2 else 0)

    for _ in range(3):
        wait_until(environments.submit(NAME, keep).future.done)
    assert apps[0] is apps[1] is not apps[2]
    run(environments, lambda: post(server, "/again"))
    assert [path for _, path, _ in server.asked] == ["/again"]


def test_each_function_is_killed_when_it_is_as_deployed() -> None:
    functions = deployed(ROOT / ".chalice" / "config.json")
    assert functions["watchdog"] == Function("watchdog", 58.0, 256, 2)
    environments = Environments(APP, 1, Account(functions))
    assert environments.invoke("watchdog", {}).timeout == 58.0
    environments.close()


@pytest.fixture
def push(server: HttpServer) -> Iterator[SocketPush]:
    own: Any = {"endpoint_url": server.url, "region_name": "us-east-1"}
    keys: Any = {"aws_access_key_id": "1", "aws_secret_access_key": "2"}
    client = make_client("apigatewaymanagementapi", attempts=1, **own, **keys)
    yield SocketPush(lambda: client, lambda _seconds: None)
    client.close()


def test_our_clients_survive_that_connections_died_while_the_environment_was_frozen(
    environments: Environments, push: SocketPush, server: HttpServer, tmp_path: Path
) -> None:
    (tmp_path / DEAD).touch()
    died: list[str] = []

    def once(connection: http.client.HTTPConnection) -> None:
        try:
            connection.request("POST", "/plain", b"x")
            connection.getresponse().read()
        except ConnectionResetError:
            died.append("while frozen")

    plain = http.client.HTTPConnection("127.0.0.1", server.server_port)
    for _ in range(2):
        assert run(environments, lambda: push.send("1", {"type": "pong"}))
        run(environments, lambda: once(plain))
    plain.close()
    assert died == ["while frozen"]
    assert [path for _, path, _ in server.asked].count("/@connections/1") == 2
