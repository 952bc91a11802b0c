"""The check, a visitor of the page's own address: patient at first, on a socket that breaks, a backup to fetch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from chalicelib.domain.telegram import parse
from infra.adapters.telegram import NOTHING, TelegramWebhook
from infra.adapters.visitor import Visitor
from infra.conversation import check
from infra.errors import CheckFailed
from infra.steps.verify import report_policy, visitor_of
from tests.infra.driver import STAGE

Answer = tuple[int, Any]
TICKET: Answer = (200, {"ticket": "t"})
FRESH: Answer = (403, {"message": "Forbidden"})


@dataclass
class Front:
    """The deployed product: what REST answers, call by call, and what came by socket."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    ends: list[ConnectionClosed] = field(default_factory=list)
    lost: bool = False  # the first part of the answer, with the socket that broke
    closed: int = 0  # handshakes that are still refused

    def rest(self, path: str) -> Answer:
        self.asked.append(path)
        given = self.answers.get(path, [TICKET])
        return given.pop(0) if len(given) > 1 else given[0]

    def admit(self, connection: ServerConnection, _: Request) -> Response | None:
        self.closed -= 1
        return connection.respond(403, json.dumps({"message": "Forbidden"})) if self.closed >= 0 else None

    def socket(self, connection: ServerConnection) -> None:
        try:
            for raw in connection:
                frame = json.loads(raw)
                self.frames.append(frame)
                for answer in self.reply(frame):
                    connection.send(json.dumps(answer))
        except ConnectionClosedError as end:
            self.ends.append(end)

    def reply(self, frame: dict[str, Any]) -> Iterator[dict[str, Any]]:
        turn = self.frames[0]["id"]
        if frame["type"] == "send":
            yield {"type": "status", "status": "starting"}
            yield {"type": "ack", "id": turn, "seq": 7}
        elif self.lost and len(self.frames) > 2:
            yield {"type": "message", "turn": turn, "text": "the whole answer", "status": "done"}
        else:
            yield {"type": "stream_chunk", "turn": turn, "content": "answer"}
            yield {"type": "stream_end", "turn": turn, "chars": 16 if self.lost else 6}


class Handler(BaseHTTPRequestHandler):
    front: Front

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, body = self.front.rest(self.path)
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def visited(front: Front) -> Iterator[Visitor]:
    handler = type("OneHandler", (Handler,), {"front": front})
    rest = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    offered = cast("Any", ["openclaw.v1"])
    with serve(front.socket, "127.0.0.1", 0, subprotocols=offered, process_request=front.admit) as sockets:
        threads = [Thread(target=rest.serve_forever, args=(0.01,)), Thread(target=sockets.serve_forever)]
        for thread in threads:
            thread.start()
        origin, port = f"http://127.0.0.1:{rest.server_port}", sockets.socket.getsockname()[1]
        said: list[str] = []
        try:
            yield Visitor(origin, f"ws://127.0.0.1:{port}", origin, "token", said.append, lambda _: None)
        finally:  # or a test that fails would never end
            sockets.shutdown()
            rest.shutdown()
            for thread in threads:
                thread.join()
            rest.server_close()


@pytest.mark.parametrize("status", [403, 404, 500, 502, 503, 504])
def test_a_fresh_stage_is_waited_for(status: int) -> None:
    front = Front({"/status": [(status, {"message": "Forbidden"})] * 3 + [(200, {"status": "idle"})]})
    with visited(front) as guest:
        assert guest.call("GET", "/status") == {"status": "idle"}
    assert len(front.asked) == 4


def test_fresh_stages_of_both_apis_are_waited_for_each_by_itself() -> None:
    """REST may answer while sockets do not yet; a ticket serves once."""
    front = Front({"/tickets": [FRESH, FRESH, TICKET]}, closed=3)
    with visited(front) as guest:
        assert guest.ask("Hello") == "answer"
    assert len(front.asked) == 2 + 4 + 1, "each handshake has a ticket of its own, and so has the second socket"


def test_a_socket_that_stays_forbidden_is_told_at_last() -> None:
    with visited(Front(closed=99)) as guest, pytest.raises(CheckFailed, match="cannot be opened: Handshake status 403"):
        guest.ask("Hello")


@pytest.mark.parametrize("status", [400, 401, 409, 429])
def test_a_refusal_is_no_fresh_stage(status: int) -> None:
    front = Front({"/status": [(status, {})]})
    with visited(front) as guest, pytest.raises(CheckFailed, match=f"answers {status}"):
        guest.call("GET", "/status")
    assert len(front.asked) == 1


def test_what_has_answered_once_is_not_waited_for_any_more() -> None:
    front = Front({"/status": [(200, {}), (503, {})]})
    with visited(front) as guest:
        guest.call("GET", "/status")
        with pytest.raises(CheckFailed, match="answers 503"):
            guest.call("GET", "/status")
    assert len(front.asked) == 2


def test_one_that_stays_forbidden_is_told_at_last() -> None:
    front = Front({"/status": [(403, {"message": "Forbidden"})]})
    with visited(front) as guest, pytest.raises(CheckFailed, match="answers 403"):
        guest.call("GET", "/status")
    assert len(front.asked) == 40


@pytest.mark.parametrize(("lost", "answer"), [(False, "answer"), (True, "the whole answer")])
def test_the_socket_breaks_without_a_word_and_another_one_gets_the_answer(lost: bool, answer: str) -> None:
    front = Front(lost=lost)
    with visited(front) as guest:
        assert guest.ask("Hello") == answer
    assert [frame["type"] for frame in front.frames[:2]] == ["send", "resume"]
    assert front.frames[1]["after"] == 7
    (end,) = front.ends
    assert end.rcvd is None, "it said goodbye"


def test_the_newest_backup_is_fetched_as_a_browser_does() -> None:
    front = Front({"/backups": [(200, {"backups": [{"id": "9"}, {"id": "8"}]})]})
    with visited(front) as guest:
        ready = {"sizeBytes": 5, "readyBytes": 5, "url": f"{guest.origin}/file"}
        front.answers |= {"/backups/9": [(200, {"sizeBytes": 5, "readyBytes": 3}), (200, ready)]}
        front.answers["/file"] = [(200, b"12345"), (200, b"1234"), (403, b"")]
        assert guest.download_backup() == 5
        with pytest.raises(CheckFailed, match="4 bytes instead of 5"):
            guest.download_backup()
        with pytest.raises(CheckFailed, match="cannot be downloaded"):
            guest.download_backup()


TAKEN: Answer = (200, {})
REFUSED: Answer = (403, {"code": "NotAllowed"})


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([FRESH, FRESH, TAKEN, REFUSED], ""),
        ([TAKEN, TAKEN], "without Telegram's secret"),
        ([TAKEN, (500, {})], "answers 500"),
        ([FRESH], "answers 403"),
    ],
)
def test_a_webhook_takes_what_has_telegrams_secret_and_nothing_else(answers: list[Answer], words: str) -> None:
    front = Front({"/telegram": answers})
    with visited(front) as guest, pytest.raises(CheckFailed, match=words) if words else nullcontext():
        TelegramWebhook().try_out(guest, "secret")


def test_an_update_of_the_check_asks_for_nothing() -> None:
    assert parse(NOTHING) is None


def test_an_agent_that_slept_without_a_backup_fails_the_check() -> None:
    with visited(Front({"/backups": [(200, {"backups": []})]})) as guest, pytest.raises(CheckFailed, match="no backup"):
        guest.download_backup()


def test_the_check_ends_with_a_backup_to_take_home() -> None:
    said: list[str] = []
    guest = SimpleNamespace(
        ask=lambda text: text + "amber", fall_asleep=lambda: None, download_backup=lambda: 2_500_000
    )
    check(cast("Any", guest), "remember", said.append, lambda: None)
    assert said[-1] == "its backup can be downloaded: 2.5 MB"


@dataclass
class Context:
    """What these steps need of it."""

    lines: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def aws(self) -> Any:
        since = lambda group, start: [(start, group, line) for line in self.lines]  # noqa: E731
        return SimpleNamespace(logs=SimpleNamespace(since=since), region="eu-central-1")

    names = SimpleNamespace(logs_of_api=f"/aws/lambda/serverless-openclaw-{STAGE}")

    def detail(self, line: str) -> None:
        self.said.append(line)

    def sleep(self, seconds: float) -> None:
        """Not here."""


@pytest.mark.parametrize(
    ("sizes", "words"),
    [((), "the log does not say"), ((41, 43), "takes 43 % of"), ((97,), "nearly full")],
)
def test_how_full_the_session_policy_is_is_told(sizes: tuple[int, ...], words: str) -> None:
    line = '{{"from":"chalicelib.adapters.sts","says":"session policy: {} % of what STS allows"}}'
    context = Context([line.format(size) for size in sizes])
    report_policy(cast("Any", context), datetime(2026, 1, 1, tzinfo=UTC))
    assert words in "\n".join(context.said)


def test_the_check_goes_by_the_pages_own_address() -> None:
    outputs = {"Address": "https://d1.cloudfront.net", "SocketUrl": "wss://s.execute-api.amazonaws.com/api"}
    guest = visitor_of(cast("Any", Context()), outputs, "token")
    assert (guest.api, guest.origin) == ("https://d1.cloudfront.net/api", "https://d1.cloudfront.net")
