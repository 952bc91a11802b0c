"""The port that is open to the internet: strangers keep nobody else waiting, and learn nothing from any answer."""

from __future__ import annotations

import dataclasses
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from chalicelib.adapters.bridge import HttpsDoorbell
from chalicelib.domain.agent import Agent
from chalicelib.domain.bridge import BODY_BYTES, Request, sign
from container.bridge.certificate import create_identity
from container.bridge.http.app import create_app
from container.bridge.http.server import MOST_CALLERS, create_server
from tests.bridge.http.test_app import EPOCH, KEY, FakeBridge
from tests.fakes.bridge import now
from tests.security.raw import Answer, say

STRANGERS = 64
RING = Request("POST", "/message", b"{}")


@dataclasses.dataclass
class Serving:
    bridge: FakeBridge
    agent: Agent
    nonces: Iterator[str] = dataclasses.field(default_factory=lambda: iter(map(str, range(10_000))))

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = str(self.agent.address).rpartition(":")
        return host, int(port)

    def ring(self) -> bool:
        return HttpsDoorbell(now, lambda: next(self.nonces)).ring(self.agent)

    def signed(self, request: Request, **changes: str) -> bytes:
        """A good request, but for what is changed."""
        headers = {"Host": "bridge", **sign(KEY, EPOCH, request, now(), next(self.nonces)), **changes}
        headers.setdefault("Content-Length", str(len(request.body)))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{request.method} {request.path} HTTP/1.1\r\n{lines}\r\n".encode() + request.body

    def say(self, request: bytes) -> Answer:
        return say(self.address, request, tls=True)


@pytest.fixture
def serving() -> Iterator[Serving]:
    bridge, identity = FakeBridge(), create_identity(now())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = create_server(create_app(bridge, KEY, EPOCH, now), address, identity)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    agent = Agent("ada", epoch=EPOCH, address=address, certificate_sha256=identity.sha256, bridge_key=KEY)
    yield Serving(bridge, agent)
    server.stop()
    thread.join()


def plain(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=10)


def with_tls(address: tuple[str, int]) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain(address))


def says_nothing(address: tuple[str, int]) -> socket.socket:
    return plain(address)


def begins_a_handshake(address: tuple[str, int]) -> socket.socket:
    caller = plain(address)
    caller.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    return caller


def speaks_plain_http(address: tuple[str, int]) -> socket.socket:
    caller = plain(address)
    caller.sendall(b"GET /health HTTP/1.1\r\n\r\n")
    return caller


def says_nothing_in_tls(address: tuple[str, int]) -> socket.socket:
    return with_tls(address)


def says_half_a_request(address: tuple[str, int]) -> socket.socket:
    caller = with_tls(address)
    caller.sendall(b"POST /message HTTP/1.1\r\nX-Epoch: 7\r\n")
    return caller


def keeps_its_body(address: tuple[str, int]) -> socket.socket:
    caller = with_tls(address)
    caller.sendall(b"POST /message HTTP/1.1\r\nContent-Length: 4096\r\n\r\nx")
    return caller


KINDS = [says_nothing, begins_a_handshake, speaks_plain_http, says_nothing_in_tls, says_half_a_request, keeps_its_body]


@pytest.mark.parametrize("kind", KINDS)
def test_strangers_do_not_keep_a_ring_waiting(serving: Serving, kind: Callable[[Any], socket.socket]) -> None:
    """A ring is lost after two seconds; as many as these kept the next one waiting for minutes."""
    with ExitStack() as connected:
        for _ in range(STRANGERS):
            connected.enter_context(closing(kind(serving.address)))
        assert [serving.ring() for _ in range(3)] == [True] * 3


def test_of_too_many_at_once_the_oldest_go(serving: Serving) -> None:
    with ExitStack() as connected:
        strangers = [connected.enter_context(closing(plain(serving.address))) for _ in range(MOST_CALLERS + 20)]
        assert serving.ring()
        strangers[0].settimeout(10)
        assert strangers[0].recv(1) == b""


@pytest.mark.parametrize("kind", KINDS)
def test_who_is_not_done_in_time_is_sent_away(serving: Serving, kind: Callable[[Any], socket.socket]) -> None:
    with closing(kind(serving.address)) as stranger:
        while True:
            try:
                if not stranger.recv(100):
                    break
            except ConnectionError:
                break
    assert serving.bridge.asked == []


def variants(serving: Serving) -> dict[str, bytes]:
    good = serving.signed(RING)
    head = good.partition(b"\r\n\r\n")[0]
    return {
        "unsigned": b"POST /message HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
        "nothing there": b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
        "health by another method": b"HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n",
        "health with a query": b"GET /health?x HTTP/1.1\r\nHost: x\r\n\r\n",
        "health written otherwise": b"GET /%68ealth HTTP/1.1\r\nHost: x\r\n\r\n",
        "health with a slash": b"GET //health HTTP/1.1\r\nHost: x\r\n\r\n",
        "no HTTP": b"hello\r\n\r\n",
        "an older HTTP": good.replace(b"HTTP/1.1", b"HTTP/1.0"),
        "a newer HTTP": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "another method": good.replace(b"POST", b"PUT"),
        "a method that is none": good.replace(b"POST", b"post"),
        "another path": good.replace(b"/message", b"/shutdown"),
        "the path written otherwise": good.replace(b"/message", b"/%6dessage"),
        "a query that was not signed": good.replace(b"/message", b"/message?shutdown=1"),
        "an empty query": good.replace(b"/message", b"/message?"),
        "an absolute target": good.replace(b"/message", b"https://bridge/message"),
        "another body": head + b"\r\n\r\n[]",
        "a large body": serving.signed(Request("POST", "/message", b"x" * (BODY_BYTES + 1))),
        "a promise of a large body": b"POST /message HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n",
        "a length that is none": good.replace(b"Content-Length: 2", b"Content-Length: -2"),
        "a length with a sign": good.replace(b"Content-Length: 2", b"Content-Length: +2"),
        "two lengths": good.replace(b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 3"),
        "in chunks": good.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked"),
        "two signatures": good.replace(b"X-Epoch: 7", b"X-Epoch: 7\r\nX-Epoch: 8"),
        "a folded header": good.replace(b"X-Epoch: 7", b"X-Epoch:\r\n 7"),
        "a header without a colon": good.replace(b"X-Epoch: 7", b"X-Epoch: 7\r\nnonsense"),
        "a space before the colon": good.replace(b"X-Epoch: 7", b"X-Epoch : 7"),
        "bytes": b"POST /\xff\xfe\x00 HTTP/1.1\r\n\r\n",
        "a header of bytes": good.replace(b"X-Nonce: ", b"X-Nonce: \xff"),
        "a large head": b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        "many headers": b"GET / HTTP/1.1\r\n" + b"".join(b"X%d: 1\r\n" % each for each in range(2000)) + b"\r\n",
        "a signature that is no text": good.replace(b"X-Signature: ", b"X-Signature: zz"),
        "another epoch": good.replace(b"X-Epoch: 7", b"X-Epoch: 8"),
        "a time of nowhere": serving.signed(RING, **{"X-Time": "2026-01-01"}),
    }


NAMES = list(variants(Serving(FakeBridge(), Agent("ada"))))


@pytest.mark.parametrize("name", NAMES)
def test_everything_unsigned_gets_the_same_bytes(serving: Serving, name: str) -> None:
    answered = serving.say(variants(serving)[name])
    assert answered == serving.say(b"GET / HTTP/1.1\r\n\r\n")
    assert answered.status == 401
    assert serving.bridge.asked == []


def test_a_signed_query_is_another_request_than_the_one_without_it(serving: Serving) -> None:
    assert serving.say(serving.signed(Request("POST", "/message?a=1", b"{}"))).status == 202
    assert serving.say(serving.signed(Request("GET", "/status?a=1"))).status == 200


def test_a_repeated_request_gets_the_same_as_a_stranger(serving: Serving) -> None:
    once = serving.signed(RING)
    assert [serving.say(once).status for _ in range(2)] == [202, 401]
    assert serving.say(once) == serving.say(b"GET / HTTP/1.1\r\n\r\n")


def test_health_is_open_and_says_one_word(serving: Serving) -> None:
    answered = serving.say(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (answered.status, answered.body.strip()) == (200, b'{"status":"ok"}')
    assert answered.header("Server") == answered.header("Date") == []


def test_a_second_request_on_a_connection_is_not_heard(serving: Serving) -> None:
    request = serving.signed(RING) + serving.signed(RING)
    assert serving.say(request).status == 202
    assert serving.bridge.asked == ["ring"]


def test_it_ends_while_strangers_are_connected(serving: Serving) -> None:
    stranger = plain(serving.address)
    assert serving.ring()
    stranger.close()
