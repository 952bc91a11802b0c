"""The socket against a small server of our own: what OpenClaw does too rarely to wait for it."""

from __future__ import annotations

import json
import logging
import queue
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request
from websockets.sync.server import Server, ServerConnection, serve

from container.bridge.openclaw.connection import ConnectionLost, GatewayConnection, RequestRefused
from container.bridge.openclaw.protocol import Closed, Notice, Opened, RunText

CHALLENGE = '{"type":"event","event":"connect.challenge","payload":{"nonce":"n","ts":1}}'
UNAVAILABLE = {"code": "UNAVAILABLE", "message": "starting", "retryable": True, "retryAfterMs": 500}
SAID = {"runId": "m", "sessionKey": "agent:main:C", "stream": "assistant", "data": {"text": "Hi", "itemId": "p"}}

Handler = Callable[[ServerConnection, dict[str, Any]], None]


class Gateway:
    """Greets like OpenClaw; what it does with requests is the test's business."""

    def __init__(self, handle: Handler, refusals: Sequence[dict[str, Any]] = ()) -> None:
        self._handle = handle
        self.refusals = list(refusals)
        self.origins: list[str | None] = []
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self.server: Server = serve(self._serve, sock=listening, max_queue=2)
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.server.socket.getsockname()[1]}"

    def stop(self) -> None:
        self.server.shutdown()
        self._thread.join()

    def _serve(self, client: ServerConnection) -> None:
        assert client.request is not None
        self.origins.append(client.request.headers.get("Origin"))
        client.send(CHALLENGE)
        with suppress(ConnectionClosed):
            connect = json.loads(client.recv())
            if self.refusals:
                respond(client, connect, error=self.refusals.pop())
                return
            respond(client, connect, {"server": {"bootId": "boot-1"}})
            while True:
                self._handle(client, json.loads(client.recv()))


def respond(
    client: ServerConnection, request: dict[str, Any], payload: Any = None, error: dict[str, Any] | None = None
) -> None:
    client.send(json.dumps({"type": "res", "id": request["id"], "ok": not error, "payload": payload, "error": error}))


def echo(client: ServerConnection, request: dict[str, Any]) -> None:
    respond(client, request, {"method": request["method"]})


class Scene:
    def __init__(self) -> None:
        self.notices: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self._open: list[GatewayConnection | Gateway] = []

    def serve(self, handle: Handler = echo, refusals: Sequence[dict[str, Any]] = ()) -> Gateway:
        gateway = Gateway(handle, refusals)
        self._open.append(gateway)
        return gateway

    def connect(self, url: str) -> GatewayConnection:
        connection = GatewayConnection(url, "token", self.notices.put, delay=0.001)
        self._open.append(connection)
        connection.start()
        return connection

    def close(self) -> None:
        for part in reversed(self._open):
            part.close() if isinstance(part, GatewayConnection) else part.stop()


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    yield scene
    scene.close()


def test_a_request_gets_its_answer(scene: Scene) -> None:
    connection = scene.connect(scene.serve().url)
    assert connection.wait_open(5)
    assert connection.request("health", {}) == {"method": "health"}
    assert scene.notices.get(timeout=5) == Opened("boot-1")


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads give way to each other all the time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_many_turns_ask_at_once_and_each_gets_its_own_answer(scene: Scene, restless: None) -> None:
    """Found by random kills: turns that met in the numbering of their requests ended with an internal error."""
    connection = scene.connect(scene.serve().url)
    assert connection.wait_open(5)
    names = [f"method-{number}" for number in range(400)]
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda name: connection.request(name, {}), names))
    assert [answer["method"] for answer in answers] == names


def test_we_never_look_like_a_web_page(scene: Scene) -> None:
    gateway = scene.serve()
    assert scene.connect(gateway.url).wait_open(5)
    assert gateway.origins == [None]


def test_an_openclaw_that_is_still_starting_is_asked_again(scene: Scene) -> None:
    gateway = scene.serve(refusals=[UNAVAILABLE] * 3)
    assert scene.connect(gateway.url).wait_open(5)
    assert len(gateway.origins) == 4


def test_answers_find_their_questions_in_any_order(scene: Scene) -> None:
    held: list[dict[str, Any]] = []

    def answer_backwards(client: ServerConnection, request: dict[str, Any]) -> None:
        held.append(request)
        for late in reversed(held if len(held) == 2 else []):
            echo(client, late)

    connection = scene.connect(scene.serve(answer_backwards).url)
    assert connection.wait_open(5)
    answers: dict[str, Any] = {}
    asking = [
        threading.Thread(target=lambda name=name: answers.update({name: connection.request(name, {})}))
        for name in ("first", "second")
    ]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join(5)
    assert answers == {"first": {"method": "first"}, "second": {"method": "second"}}


def test_a_refusal_is_told_as_such(scene: Scene) -> None:
    connection = scene.connect(scene.serve(lambda client, ask: respond(client, ask, error=UNAVAILABLE)).url)
    assert connection.wait_open(5)
    with pytest.raises(RequestRefused, match="starting") as told:
        connection.request("chat.send", {})
    assert told.value.refusal.retry_after == 0.5


def test_whoever_waits_for_an_answer_hears_that_the_connection_is_lost(scene: Scene) -> None:
    connection = scene.connect(scene.serve(lambda client, ask: client.close()).url)
    assert connection.wait_open(5)
    with pytest.raises(ConnectionLost):
        connection.request("chat.send", {})
    told = [scene.notices.get(timeout=5) for _ in range(3)]
    assert told == [Opened("boot-1"), Closed(), Opened("boot-1")]


def test_an_answer_that_does_not_come_is_a_lost_connection_too(scene: Scene) -> None:
    connection = scene.connect(scene.serve(lambda client, ask: None).url)
    assert connection.wait_open(5)
    with pytest.raises(ConnectionLost, match="did not answer"):
        connection.request("chat.send", {}, timeout=0.01)


def test_whoever_asks_does_not_wait_for_an_openclaw_that_reads_nothing(scene: Scene) -> None:
    """More than all buffers on the way hold: a picture must not keep Stop from being heard."""
    read = threading.Event()
    connection = scene.connect(scene.serve(lambda client, ask: echo(client, ask) if read.wait(5) else None).url)
    assert connection.wait_open(5)
    answers: queue.SimpleQueue[object] = queue.SimpleQueue()
    for _ in range(10):
        connection.post("chat.send", {"content": "x" * 900_000}, answers.put)
    assert answers.empty()
    read.set()
    assert all(answers.get(timeout=5) for _ in range(10))


def test_what_was_posted_before_the_end_arrives(scene: Scene) -> None:
    """An abort that was posted, and lost because the bridge ended, left a run behind that nobody wanted."""
    arrived: queue.SimpleQueue[str] = queue.SimpleQueue()
    connection = scene.connect(scene.serve(lambda client, ask: arrived.put(ask["method"])).url)
    assert connection.wait_open(5)
    for number in range(50):
        connection.post(f"method-{number}", {}, lambda response: None)
    connection.close()
    assert [arrived.get(timeout=5) for _ in range(50)] == [f"method-{number}" for number in range(50)]


def test_a_dropped_connection_is_replaced(scene: Scene) -> None:
    connection = scene.connect(scene.serve().url)
    assert connection.wait_open(5)
    connection.drop()
    told = [scene.notices.get(timeout=5) for _ in range(3)]
    assert told == [Opened("boot-1"), Closed(), Opened("boot-1")]
    assert connection.request("health", {}) == {"method": "health"}


def test_an_end_while_the_socket_is_being_opened_is_an_end(scene: Scene) -> None:
    """There is nothing to shut yet; a bridge that met this moment took ten seconds more to end."""
    called, greets = threading.Event(), threading.Event()

    def slowly(_client: ServerConnection, _request: Request) -> None:
        called.set()
        greets.wait(5)

    def wait(client: ServerConnection) -> None:
        client.wait_closed()

    with serve(wait, "127.0.0.1", 0, process_request=slowly) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        connection = scene.connect(f"ws://127.0.0.1:{server.socket.getsockname()[1]}")
        assert called.wait(5)
        closing = threading.Thread(target=connection.close)
        closing.start()
        greets.set()
        closing.join(5)
        assert not closing.is_alive()
    serving.join()


def test_nonsense_from_the_other_side_is_a_reason_to_connect_anew(scene: Scene) -> None:
    connection = scene.connect(scene.serve(lambda client, ask: client.send("nonsense")).url)
    assert connection.wait_open(5)
    with pytest.raises(ConnectionLost):
        connection.request("health", {})


def test_the_events_of_runs_are_passed_on(scene: Scene) -> None:
    event = json.dumps({"type": "event", "event": "agent", "payload": SAID})

    def tell(client: ServerConnection, request: dict[str, Any]) -> None:
        client.send(event)
        echo(client, request)

    connection = scene.connect(scene.serve(tell).url)
    assert connection.wait_open(5)
    connection.request("health", {})
    told = [scene.notices.get(timeout=5) for _ in range(2)]
    assert told[1] == RunText("m", "agent:main:c", "Hi", "p")


def test_nothing_is_sent_where_there_is_no_connection() -> None:
    connection = GatewayConnection("ws://127.0.0.1:9", "token", lambda notice: None)
    with pytest.raises(ConnectionLost):
        connection.request("health", {})
    connection.close()


def test_a_wrong_token_is_said_once_and_aloud(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    wrong = {"code": "UNAUTHORIZED", "message": "wrong token"}
    with caplog.at_level(logging.ERROR):
        assert scene.connect(scene.serve(refusals=[wrong] * 3).url).wait_open(5)
    assert [record.getMessage() for record in caplog.records] == [
        "OpenClaw does not let us in: UNAUTHORIZED: wrong token"
    ]
