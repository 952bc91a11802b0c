"""Calls through a real relay to real sockets: what goes in, what comes out, and what ends when somebody goes."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from container.bridge.relay.exchange import SILENCE, Timing, wait
from container.bridge.relay.providers import BY_HOST, ModelProvider
from tests.bridge.relay.conftest import CERTIFICATE, CONNECTIONS, MESSAGE, TOKEN, Place, connect, in_time

CALLS = {
    "api.anthropic.com": ("/v1/messages", "x-api-key", "", "claude-sonnet-4-6"),
    "api.openai.com": ("/v1/responses", "authorization", "Bearer ", "gpt-5.4"),
    "generativelanguage.googleapis.com": (
        "/v1beta/models/gemini-3-flash-preview:streamGenerateContent?alt=sse",
        "x-goog-api-key",
        "",
        "",
    ),
    "openrouter.ai": ("/api/v1/chat/completions", "authorization", "Bearer ", "openrouter/auto"),
    "api.deepseek.com": ("/chat/completions", "authorization", "Bearer ", "deepseek-chat"),
}


def ask(
    connection: http.client.HTTPConnection, body: dict[str, Any] | None = None, token: str = TOKEN, **headers: str
) -> http.client.HTTPResponse:
    content = json.dumps(MESSAGE if body is None else body)
    connection.request("POST", "/v1/messages", content, {"x-api-key": token, **headers})
    CONNECTIONS.append(answer := connection.getresponse())
    return answer


@pytest.mark.parametrize("host", CALLS)
def test_each_provider_gets_the_real_key_in_the_place_of_the_token(place: Place, host: str) -> None:
    path, header, scheme, model = CALLS[host]
    provider = BY_HOST[host]
    place.keys[provider.name] = f"sk-{provider.name}"
    connection = connect(place.open(), host)
    body = {"stream": True, "contents": [], **({"model": model} if model else {})}
    connection.request("POST", path, json.dumps(body), {header: scheme + TOKEN, "x-other": "stays"})
    assert "you." in connection.getresponse().read().decode()
    (asked,) = place.providers.asked
    assert (asked.host, asked.path) == (host, path)
    assert asked.headers[header] == f"{scheme}sk-{provider.name}"
    assert TOKEN not in str(asked)
    assert asked.headers["x-other"] == "stays"
    (call,) = place.calls()
    assert call.usage.cached == 1000
    assert call.usage.output >= 50
    assert (call.status, call.ending, call.estimated) == (200, "whole", False)
    assert call.dollars > 0


def test_the_bytes_of_an_answer_pass_unchanged(place: Place) -> None:
    """But for headers of the connection, and cookies."""
    through = connect(place.open())
    answer = ask(through)
    direct = http.client.HTTPSConnection("api.anthropic.com", timeout=20)
    direct.sock = place.providers.dial(BY_HOST["api.anthropic.com"])
    wanted = ask(direct)
    assert answer.read() == wanted.read()
    assert answer.getheader("set-cookie") is None
    assert wanted.getheader("set-cookie")
    assert answer.getheader("content-type") == wanted.getheader("content-type")
    direct.close()


def test_each_word_is_there_before_the_next_one_is_said(place: Place) -> None:
    heard = threading.Event()
    place.providers.between = lambda index: None if index == 0 else assert_(heard.wait(10))
    answer = ask(connect(place.open()))
    seen = b""
    while b"Hello" not in seen:
        seen += answer.read1()
    assert b"you." not in seen
    heard.set()
    assert b"you." in answer.read()


def assert_(fact: bool) -> None:
    assert fact


def test_a_connection_serves_many_calls_and_the_providers_one_is_kept_too(place: Place) -> None:
    connection = connect(place.open())
    for _ in range(3):
        assert ask(connection).read()
    assert (len(place.providers.asked), place.providers.connections) == (3, 1)
    assert len(place.calls(3)) == 3


def test_four_answers_stream_beside_each_other(place: Place) -> None:
    """None of them ends before all have begun."""
    together = threading.Barrier(4)
    place.providers.between = lambda index: None if index else (together.wait(20), None)[1]
    port = place.open()
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(ask(connect(port)).read())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 4
    assert all(b"you." in each for each in found)


def test_seven_megabytes_arrive_whole(place: Place) -> None:
    text = "0123456789abcdef" * (7 * 65536)
    body = {**MESSAGE, "messages": [{"role": "user", "content": text}]}
    assert ask(connect(place.open()), body).status == 200
    assert place.providers.asked[0].json == body
    assert len(place.providers.asked[0].body) > 7 * 1024 * 1024


def test_who_gives_up_in_a_silence_ends_the_providers_work(place: Place) -> None:
    """Otherwise it would be paid to its end. How soon: `python -m bench.relay`."""
    gone = threading.Event()
    place.providers.between = lambda index: watch(place, gone)
    connection = connect(place.open())
    answer, seen = ask(connection), b""
    while b"content_block_start" not in seen:
        seen += answer.read1()
    connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()
    assert gone.wait(5)
    (call,) = place.calls()
    assert (call.ending, call.estimated) == ("aborted", True)
    assert call.usage.input == 100


def watch(place: Place, gone: threading.Event) -> None:
    """A provider that is silent, and hears when the other side goes."""
    if place.providers.notice_end():
        gone.set()
    raise OSError("gone")


class SlowClock:
    """A world in which the provider's silence takes as long as we say."""

    def __init__(self, silence: float) -> None:
        self.now, self._left = 0.0, silence
        self.silent = threading.Event()

    def wait(self, sockets: Sequence[socket.socket], seconds: float) -> Sequence[socket.socket]:
        ready = wait(sockets, 0.005)
        if ready or not self.silent.is_set():
            return ready
        self.now += min(seconds, self._left) if self._left > 0 else 0.0
        self._left -= seconds
        return []

    @property
    def over(self) -> bool:
        return self._left <= 0


def test_five_silent_minutes_are_survived(place: Place) -> None:
    clock = SlowClock(300)
    place.providers.between = lambda index: None if index == 0 else until_over(clock)
    answer = ask(connect(place.open(timing=Timing(clock.wait, lambda: clock.now))))
    assert b"you." in answer.read()
    assert clock.now == 300


def until_over(clock: SlowClock) -> None:
    clock.silent.set()
    in_time(lambda: clock.over, 20)


def test_a_provider_that_is_silent_for_longer_than_openclaw_waits_is_given_up(place: Place) -> None:
    clock = SlowClock(SILENCE + 100)
    place.providers.between = lambda index: None if index == 0 else until_over(clock)
    answer = ask(connect(place.open(timing=Timing(clock.wait, lambda: clock.now))))
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    assert place.calls()[0].ending == "broken"


def test_a_provider_that_dies_in_its_answer_is_seen_to(place: Place) -> None:
    place.providers.dies_after = 1
    answer = ask(connect(place.open()))
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    assert (place.calls()[0].ending, place.calls()[0].estimated) == ("broken", True)


def test_a_provider_that_cannot_be_reached_is_no_answer_of_ours(place: Place) -> None:
    def nowhere(provider: ModelProvider) -> socket.socket:
        raise ConnectionRefusedError(provider.host)

    connection = connect(place.open(dial=nowhere))
    with pytest.raises(http.client.RemoteDisconnected):
        ask(connection)
    assert (place.calls()[0].status, place.calls()[0].dollars) == (0, 0.0)


@pytest.mark.parametrize("status", [400, 401, 429, 500, 529])
def test_an_error_of_the_provider_passes_and_costs_nothing(place: Place, status: int) -> None:
    place.providers.status = status
    answer = ask(connect(place.open()))
    assert (answer.status, json.loads(answer.read())["error"]["message"]) == (status, f"HTTP {status}")
    assert (place.calls()[0].status, place.ledger.dollars) == (status, 0.0)


def test_a_changed_key_counts_with_the_next_call(place: Place) -> None:
    connection = connect(place.open())
    ask(connection).read()
    place.keys["anthropic"] = "sk-new"
    ask(connection).read()
    assert [asked.headers["x-api-key"] for asked in place.providers.asked] == ["sk-real", "sk-new"]


def test_a_provider_without_a_key_is_not_asked(place: Place) -> None:
    place.keys.clear()
    assert ask(connect(place.open())).status == 401
    assert place.providers.asked == []


@pytest.mark.parametrize("token", ["", "rt-of-the-test", "rt-of-the-tests0", "sk-real"])
def test_another_token_opens_nothing(place: Place, token: str) -> None:
    assert ask(connect(place.open()), token=token).status == 401
    assert place.providers.asked == []


def test_of_whoever_has_no_token_no_body_is_waited_for(place: Place) -> None:
    connection = connect(place.open())
    connection.putrequest("POST", "/v1/messages")
    connection.putheader("x-api-key", "another")
    connection.putheader("content-length", str(31 << 20))
    connection.endheaders()
    assert connection.getresponse().status == 401


@pytest.mark.parametrize(
    "target", ["evil.example:443", "api.anthropic.com:80", "127.0.0.1:443", "169.254.170.2:443", "x"]
)
def test_it_leads_to_the_providers_alone(place: Place, target: str) -> None:
    with socket.create_connection(("127.0.0.1", place.open()), 10) as connection:
        connection.sendall(f"CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "start", ["GET / HTTP/1.1", "POST /v1/messages HTTP/1.1", "GET http://api.anthropic.com/ HTTP/1.1"]
)
def test_without_tls_nothing_is_served(place: Place, start: str) -> None:
    with socket.create_connection(("127.0.0.1", place.open()), 10) as connection:
        connection.sendall(f"{start}\r\nhost: x\r\nx-api-key: {TOKEN}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")


def test_the_certificate_signs_for_the_providers_and_for_nobody_else(place: Place) -> None:
    trust = ssl.create_default_context(cadata=CERTIFICATE.pem)
    with socket.create_connection(("127.0.0.1", place.open()), 10) as connection:
        connection.sendall(b"CONNECT api.openai.com:443 HTTP/1.1\r\n\r\n")
        assert b" 200 " in connection.recv(100)
        with pytest.raises(ssl.SSLCertVerificationError):
            trust.wrap_socket(connection, server_hostname="evil.example")


class Purse:
    def __init__(self, dollars: float) -> None:
        self.left = dollars
        self._lock = threading.Lock()

    def reserve(self, dollars: float) -> bool:
        with self._lock:
            enough = dollars <= self.left
            self.left -= dollars if enough else 0
        return enough

    def settle(self, reserved: float, spent: float) -> None:
        with self._lock:
            self.left += reserved - spent


def test_a_spent_allowance_is_refused_with_402_and_the_provider_is_not_asked(place: Place) -> None:
    answer = ask(connect(place.open(allowance=Purse(0.0))))
    assert (answer.status, json.loads(answer.read())["error"]["type"]) == (402, "billing_error")
    assert place.providers.asked == []
    assert place.ledger.refused_since(0.0)
    assert (place.calls()[0].ending, place.ledger.dollars) == ("refused", 0.0)


def test_what_was_reserved_and_not_used_is_given_back(place: Place) -> None:
    purse = Purse(1.0)
    ask(connect(place.open(allowance=purse))).read()
    place.calls()
    assert purse.left == pytest.approx(1.0 - place.ledger.dollars)
    assert 0 < place.ledger.dollars < 0.01


def test_two_calls_at_the_edge_of_the_allowance_do_not_both_pass(place: Place) -> None:
    """The first one holds what it may cost until it has ended."""
    go_on = threading.Event()
    place.providers.between = lambda index: assert_(go_on.wait(10))
    port = place.open(allowance=Purse(0.02))  # one of at most 1,000 tokens is 0.015
    first = ask(connect(port))
    assert (first.status, ask(connect(port)).status) == (200, 402)
    go_on.set()
    first.read()
    place.calls(2)
    assert ask(connect(port)).status == 200


def test_a_call_raised_in_allowance_passes_at_once(place: Place) -> None:
    purse = Purse(0.0)
    connection = connect(place.open(allowance=purse))
    assert ask(connection).read()
    purse.left = 1.0
    assert ask(connection).status == 200


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: -5\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\na b: c\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nx: y\r\n folded: z\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
    ],
)
def test_what_two_readers_could_understand_differently_is_not_passed_on(place: Place, request_: bytes) -> None:
    connection = connect(place.open())
    connection.connect()
    connection.sock.sendall(request_)
    connection.sock.settimeout(10)
    answer = connection.sock.recv(100)
    assert not answer or answer.startswith(b"HTTP/1.1 4")
    assert place.providers.asked == []
