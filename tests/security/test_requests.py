"""Small ways in: line breaks in what is answered, addresses that only begin like ours, bodies of any size and kind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from local.cloud.config import CloudConfig
from local.cloud.oidc import OidcError, OidcProvider
from local.cloud.page import PageHost
from local.cloud.signing import Signer
from local.demo_model.answer import compose
from local.demo_model.directives import LONGEST_DELAY, MOST_CHARACTERS, MOST_WORDS, parse
from local.demo_model.prompt import Prompt
from local.demo_model.server import BODY_BYTES, DemoModel
from local.guard import Guard
from local.names import CLIENT_ID
from local.web import BODY_BYTES as SERVER_BYTES
from local.web import Server, answer
from tests.fakes.identity import signing_key
from tests.local.waiting import SHORT
from tests.security.raw import Answer, ask, say

ORIGIN = "http://localhost:8787"
KEY = signing_key()
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    files = tmp_path_factory.mktemp("dist")
    (files / "index.html").write_text("<!doctype html>")
    server = Server(0, 4, SHORT)
    config = CloudConfig(files, files, server.port, None, "INFO")
    server.serve(PageHost(config, files), Guard(frozenset({config.origin})))
    yield "127.0.0.1", server.port
    server.stop()


BROKEN = ["%0d%0aSet-Cookie:%20a=b", "%0aX: y", "%0d%0a%0d%0a<script>", "%00", "%7f", "\x0bX: y", "%E2%80%A8x"]


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("place", ["/{}", "/a/{}", "//{}", "/?{}"])
def test_a_redirect_holds_no_header_of_the_askers(page: tuple[str, int], place: str, text: str) -> None:
    answered = ask(page, "GET", place.format(text.replace(" ", "%20")), {"Host": f"127.0.0.1:{page[1]}"})
    assert answered.status in (307, 400)
    assert answered.header("Set-Cookie") == answered.header("X") == []
    assert all(each.startswith(f"http://localhost:{page[1]}/") for each in answered.header("Location"))


@pytest.mark.parametrize(
    "path", ["//evil.example", "/@evil.example", "/%5c%5cevil.example", "/.evil.example", "/%2f%2fx"]
)
def test_a_redirect_leads_to_the_page_alone(page: tuple[str, int], path: str) -> None:
    answered = ask(page, "GET", path, {"Host": f"127.0.0.1:{page[1]}"})
    assert answered.status in (307, 400)
    assert all(each.startswith(f"http://localhost:{page[1]}/") for each in answered.header("Location"))


@pytest.mark.parametrize("target", ["@evil.example/", "evil.example", "http://evil.example/", "*", "\\evil"])
def test_a_target_that_is_no_path_is_refused(page: tuple[str, int], target: str) -> None:
    request = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{page[1]}\r\nConnection: close\r\n\r\n"
    assert say(page, request.encode()).status in (400, 403)


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\rb", "a\0b"])
def test_no_answer_of_ours_has_a_line_break_in_a_header(value: str) -> None:
    with pytest.raises(ValueError, match="Location"):
        answer(lambda *_: lambda _: None, 302, b"", {"Location": value})


REDIRECTS = [
    ORIGIN,
    f"{ORIGIN}/callback",
    f"{ORIGIN}//evil.example",
    f"{ORIGIN}/\r\nSet-Cookie: a=b",
    f"{ORIGIN}/%0d%0aX: y",
    f"{ORIGIN}/\\evil.example",
    f"{ORIGIN}/@evil.example",
    f"{ORIGIN}@evil.example/",
    f"{ORIGIN}/?next=http://evil.example",
    f"{ORIGIN}/#x",
    f"{ORIGIN}/ ",
    f" {ORIGIN}/",
    "HTTP://LOCALHOST:8787/",
    "http://127.0.0.1:8787/",
    "//localhost:8787/",
    "/",
    "",
]


@pytest.mark.parametrize("redirect", REDIRECTS)
def test_codes_go_to_one_address_letter_by_letter(redirect: str) -> None:
    provider = OidcProvider(Signer(KEY, f"{ORIGIN}/oidc"), ORIGIN, lambda: datetime.now(UTC))
    fields = {"client_id": CLIENT_ID, "response_type": "code", "code_challenge_method": "S256", "code_challenge": "x"}
    assert provider.authorize({**fields, "redirect_uri": f"{ORIGIN}/"}).startswith(f"{ORIGIN}/?code=")
    with pytest.raises(OidcError, match="returned"):
        provider.authorize({**fields, "redirect_uri": redirect})
    with pytest.raises(OidcError, match="returned"):
        provider.logout({"post_logout_redirect_uri": redirect})


@pytest.mark.parametrize("state", ["\r\nSet-Cookie: a=b", "&code=mine", "#x", "%0d%0a"])
def test_a_state_stays_a_state(state: str) -> None:
    provider = OidcProvider(Signer(KEY, f"{ORIGIN}/oidc"), ORIGIN, lambda: datetime.now(UTC))
    target = provider.logout({"post_logout_redirect_uri": f"{ORIGIN}/", "state": state})
    assert not set("\r\n#&") & set(target)


LENGTHS = ["-1", "+5", "1_0", "0x10", "ten", "²", "1e3", "5, 5", "99999999999999999999", str(SERVER_BYTES + 1)]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_length_that_is_none_or_too_much_is_refused_at_once(page: tuple[str, int], length: str) -> None:
    request = f"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\nhello"
    assert say(page, request.encode()).status in (400, 413)


@contextmanager
def demo_model() -> Iterator[tuple[tuple[str, int], str]]:
    model = DemoModel()
    thread = threading.Thread(target=model.serve_forever, args=(0.02,))
    thread.start()
    yield ("127.0.0.1", model.server_address[1]), f"/{model.secret}/v1/messages"
    model.shutdown()
    model.server_close()
    thread.join()


@pytest.fixture(scope="module")
def model() -> Iterator[tuple[tuple[str, int], str]]:
    with demo_model() as running:
        yield running


def post(model: tuple[tuple[str, int], str], body: bytes, **headers: str) -> Answer:
    return ask(model[0], "POST", model[1], {**JSON, **headers}, body)


@pytest.mark.parametrize("length", [*LENGTHS[:-1], str(BODY_BYTES + 1), ""])
def test_the_demo_model_reads_no_body_of_any_size(model: tuple[tuple[str, int], str], length: str) -> None:
    assert post(model, b"", **{"Content-Length": length}).status in (411, 413)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b'"x"', b"null", b"7", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b'{"messages": 7}'),
        *(b'{"messages": [7]}', b'{"messages": ["x"]}', b'{"messages": {"a": 1}}', b'{"system": 7, "messages": [[]]}'),
    ],
    ids=lambda body: body[:30].decode(errors="replace"),
)
def test_the_demo_model_answers_what_is_no_request_with_a_refusal(
    model: tuple[tuple[str, int], str], body: bytes
) -> None:
    assert post(model, body).status == 400
    assert post(model, b'{"messages": []}').status == 200, "it goes on"


def test_a_body_in_chunks_is_refused_by_the_demo_model(model: tuple[tuple[str, int], str]) -> None:
    chunks = {"Transfer-Encoding": "chunked", "Content-Length": ""}
    assert post(model, b"5\r\nhello\r\n0\r\n\r\n", **chunks).status == 411


@pytest.mark.parametrize("number", ["9" * 400, "99999999999", "1000001"])
def test_what_a_message_orders_of_the_demo_model_has_bounds(number: str) -> None:
    orders = parse(f"[[n={number}]] [[delay={number}]] [[ttft={number}]] [[err={number}]]")
    assert orders.words is not None and orders.words <= MOST_WORDS
    assert orders.delay is not None and max(orders.delay, orders.first) <= LONGEST_DELAY
    assert orders.error is None
    said = compose(Prompt(f"[[say=0123456789]] [[n={number}]]", 1, None, False))
    assert len(said.text) <= MOST_CHARACTERS


@pytest.mark.parametrize("status", [0, 42, 100, 204, 302, 999])
def test_the_demo_model_fails_with_failures_only(status: int) -> None:
    assert parse(f"[[err={status}]]").error is None


def test_the_page_hosts_files_alone_whatever_the_path(page: tuple[str, int]) -> None:
    for path in ("/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/....//etc/passwd", "/%00", "//etc/passwd"):
        answered = ask(page, "GET", path)
        assert (answered.status in (400, 404), b"root:" in answered.body) == (True, False)
