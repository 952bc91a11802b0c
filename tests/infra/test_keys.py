"""A model's key is tried where it is typed: refused ones are asked for again, and nothing is stored before a yes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from chalicelib.domain.models import PROVIDERS
from container.bridge.relay.providers import PROVIDERS as RELAYED
from infra.adapters.providers import FREE_CALLS, refusal
from infra.console import Console
from infra.errors import DriverError
from infra.keys import TryKey, ask_key
from tests.infra.driver import KEY

MISTYPED = "sk-mistyped"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Knows one key, in whatever header it stands, and says to a mistyped one what its path says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            given = {name: self.headers[name] for name in ("Authorization", "x-api-key", "x-goog-api-key")}
            good = any(KEY in value for value in given.values() if value)
            self.send_response(200 if good else int(self.path[1:4]))
            self.send_header("Location", "/200")
            self.end_headers()
            self.wfile.write(
                b"API_KEY_INVALID invalid_api_key" if "?" not in self.path else b"User location is not supported"
            )

        def log_message(self, format: str, *arguments: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def ask(tried: TryKey, *typed: str) -> tuple[str, str]:
    """What is kept, and what was said."""
    out, given = io.StringIO(), list(typed)
    key = ask_key(Console(out, read_secret=lambda _: given.pop(0), interactive=True), "openai", "", tried)
    return key, out.getvalue()


@pytest.mark.parametrize("name", FREE_CALLS)
def test_a_provider_takes_a_good_key_and_refuses_another(provider: str, name: str) -> None:
    call = FREE_CALLS[name]
    there = replace(call, url=f"{provider}/{call.refusal}")
    assert refusal(there, KEY) == ""
    assert str(int(call.refusal)) in (refusal(there, MISTYPED) or "")


def test_the_key_is_what_is_tried_and_nobody_elses_password(
    provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert refusal(replace(FREE_CALLS["openai"], url=f"{provider}/401"), KEY) == ""


def test_a_key_that_may_not_list_models_is_no_bad_one(provider: str) -> None:
    assert refusal(replace(FREE_CALLS["openai"], url=f"{provider}/401?elsewhere"), MISTYPED) is None


@pytest.mark.parametrize("status", [302, 403, 429, 500])
def test_any_other_answer_says_nothing_of_the_key(provider: str, status: int) -> None:
    assert refusal(replace(FREE_CALLS["openai"], url=f"{provider}/{status}"), MISTYPED) is None


def test_a_request_that_is_refused_for_something_else_says_nothing_of_the_key(provider: str) -> None:
    assert refusal(replace(FREE_CALLS["google"], url=f"{provider}/400?elsewhere"), MISTYPED) is None


def test_without_a_network_nothing_is_known() -> None:
    assert refusal(replace(FREE_CALLS["openai"], url="http://127.0.0.1:9"), KEY) is None


def test_each_provider_is_asked_at_the_host_that_the_relay_asks() -> None:
    assert set(FREE_CALLS) == set(PROVIDERS)
    assert {name: call.url.split("/")[2] for name, call in FREE_CALLS.items()} == {
        each.name: each.host for each in RELAYED
    }


def test_a_key_that_is_refused_is_asked_for_again() -> None:
    key, said = ask(lambda _, key: "401 Unauthorized" if key == MISTYPED else "", MISTYPED, KEY)
    assert key == KEY
    assert said == "openai refuses this key (401 Unauthorized). Copy it once more, whole; Enter alone ends.\n"


def test_a_key_that_nobody_could_try_is_kept_with_a_warning() -> None:
    key, said = ask(lambda *_: None, KEY)
    assert (key, said) == (KEY, "! openai does not say now whether this key is good; it is taken as it is.\n")


@pytest.mark.parametrize("typed", ["", "two words", "sk-ключ"])
def test_what_is_no_key_is_not_sent_to_anybody(typed: str) -> None:
    def sent(*_: str) -> str:
        raise AssertionError

    with pytest.raises(DriverError, match="That is no key"):
        ask(sent, typed)
