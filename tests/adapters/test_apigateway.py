"""Pushing to sockets through @connections, against a real HTTP server."""

from __future__ import annotations

import json

import pytest

from chalicelib.adapters.apigateway import ATTEMPTS, SocketPush, connect
from chalicelib.errors import AgentUnavailable
from tests.fakes.http import HttpServer, http_server

FRAME = {"type": "pong", "text": "한 🎉"}


@pytest.fixture(autouse=True)
def aws(aws_environment: None) -> None:
    """Signing needs a key, and any will do."""


class Pushed:
    def __init__(self, server: HttpServer) -> None:
        self.slept: list[float] = []
        self.push = SocketPush(lambda: connect(server.url), self.slept.append)


def test_a_frame_arrives_as_compact_json() -> None:
    with http_server() as server:
        assert Pushed(server).push.send("Abc12=", FRAME)
    ((method, path, body),) = server.asked
    assert (method, path) == ("POST", "/@connections/Abc12%3D")
    assert body == '{"type":"pong","text":"한 🎉"}'.encode()
    assert json.loads(body) == FRAME


def test_a_socket_that_is_gone_is_gone_for_good() -> None:
    with http_server(410) as server:
        assert Pushed(server).push.send("c", FRAME) is False
    assert len(server.asked) == 1


@pytest.mark.parametrize("passing", [429, 500, 503])
def test_a_frame_that_meets_a_full_buffer_or_a_fault_is_sent_again(passing: int) -> None:
    with http_server(passing, passing, 200) as server:
        pushed = Pushed(server)
        assert pushed.push.send("c", FRAME)
    assert len(server.asked) == 3
    assert len({body for _, _, body in server.asked}) == 1
    assert len(pushed.slept) == 2


def test_a_connection_that_broke_while_nobody_looked_costs_no_page() -> None:
    with http_server(200, 0, 0, 200) as server:
        pushed = Pushed(server)
        assert pushed.push.send("c", FRAME) and pushed.push.send("c", FRAME)
    assert len(server.asked) == 4
    assert pushed.slept == []


def test_a_full_buffer_before_it_takes_no_patience_from_a_broken_connection() -> None:
    with http_server(429, 429, 0, 200) as server:
        assert Pushed(server).push.send("c", FRAME)
    assert len(server.asked) == 4


def test_a_gateway_that_breaks_each_connection_is_given_up() -> None:
    with http_server(0) as server, pytest.raises(AgentUnavailable, match="push to c"):
        Pushed(server).push.send("c", FRAME)
    assert len(server.asked) == 3


def test_a_buffer_that_stays_full_is_left_to_resume() -> None:
    with http_server(429) as server:
        pushed = Pushed(server)
        with pytest.raises(AgentUnavailable, match="push to c"):
            pushed.push.send("c", FRAME)
    assert len(server.asked) == ATTEMPTS
    assert sum(pushed.slept) < 2


@pytest.mark.parametrize("status", [400, 403, 413])
def test_a_push_that_will_never_work_is_not_repeated(status: int) -> None:
    with http_server(status) as server, pytest.raises(AgentUnavailable):
        Pushed(server).push.send("c", FRAME)
    assert len(server.asked) == 1


def test_silence_is_no_sign_that_a_socket_is_gone() -> None:
    with http_server() as server:
        pushed = Pushed(server)
    with pytest.raises(AgentUnavailable):
        pushed.push.send("c", FRAME)
    with pytest.raises(AgentUnavailable):
        pushed.push.close("c")


def test_a_socket_can_be_closed() -> None:
    with http_server() as server:
        Pushed(server).push.close("c")
    assert server.asked == [("DELETE", "/@connections/c", b"")]


def test_closing_a_socket_that_is_gone_is_done_already() -> None:
    with http_server(410) as server:
        Pushed(server).push.close("c")


def test_a_close_that_fails_is_told() -> None:
    with http_server(403) as server, pytest.raises(AgentUnavailable, match="close of c"):
        Pushed(server).push.close("c")
