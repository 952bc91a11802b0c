"""A real OpenClaw behind the relay asks for what it asks for without it, and holds no key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.turn import Failed, Finished
from tests.e2e.relayed import KEY, Running, as_it_is, behind_relay
from tests.fakes.providers import Asked, FakeProviders, fake_providers

MODELS = (
    *("anthropic/claude-sonnet-4-6", "anthropic/claude-opus-5", "anthropic/claude-haiku-4-5"),
    *("openai/gpt-5.4", "openai/gpt-5.4-mini"),
    *("google/gemini-3.1-pro-preview", "google/gemini-3-flash-preview"),
    *("openrouter/auto", "deepseek/deepseek-chat"),
)
ONE_EACH = ("anthropic/claude-sonnet-4-6", "openai/gpt-5.4", "google/gemini-3-flash-preview", "openrouter/auto")
CREDENTIALS = ("x-api-key", "authorization", "x-goog-api-key")
# Of the connection, or of the session: different in any two turns.
APART = {*CREDENTIALS, "accept-encoding", "connection", "content-length", "transfer-encoding", "host"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HASH = re.compile(r"\b[0-9a-f]{16,64}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?|\b\d\d:\d\d(:\d\d)?\b|\b1[78]\d{8,11}\b")
TEXT = "hello there"


class Switch:
    """An allowance that is spent when a test says so."""

    spent = False

    def reserve(self, dollars: float) -> bool:
        return not self.spent

    def settle(self, reserved: float, spent: float) -> None:
        """Nobody counts here."""


SWITCH = Switch()


@pytest.fixture(scope="module")
def providers() -> Iterator[FakeProviders]:
    with fake_providers() as server:
        yield server


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What OpenClaw asks for each model when it is alone with the providers."""
    folder = tmp_path_factory.mktemp("as") / "it is"
    with fake_providers() as server, as_it_is(folder, server) as alone:
        return {model: seen(alone, server, model, folder) for model in MODELS}


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory, providers: FakeProviders) -> Iterator[Running]:
    with behind_relay(tmp_path_factory.mktemp("behind") / "relay", providers, SWITCH) as running:
        yield running


def seen(running: Running, providers: FakeProviders, model: str, folder: Path) -> Any:
    before = len(providers.asked)
    outcome = running.ask(TEXT, model)
    assert isinstance(outcome, Finished), outcome
    assert outcome.text == "Hello you."
    paid = [asked for asked in providers.asked[before:] if asked.method == "POST"]
    return [comparable(asked, folder) for asked in paid]


def comparable(asked: Asked, folder: Path) -> Any:
    headers = {name: mask(value, folder) for name, value in asked.headers.items() if name not in APART}
    body = json.loads(mask(asked.body.decode(), folder))
    # What OpenClaw does not ask of these two is asked by the relay.
    if asked.host in ("openrouter.ai", "api.deepseek.com"):
        body.pop("stream_options", None)
    return asked.host, asked.path, headers, body


def mask(text: str, folder: Path) -> str:
    text = text.replace(str(folder), "FOLDER")
    for pattern, name in ((UUID, "UUID"), (TIME, "TIME"), (HASH, "HASH")):
        text = pattern.sub(name, text)
    return text


@pytest.mark.parametrize("model", MODELS)
def test_each_provider_is_asked_the_same_with_the_relay_and_without(
    wanted: dict[str, Any], relayed: Running, providers: FakeProviders, model: str
) -> None:
    """But for the credential, ids and times. Where an upgrade of OpenClaw breaks this, users get less and pay more."""
    found = seen(relayed, providers, model, relayed.state.parent)
    assert found == wanted[model]
    assert len(found) == 1


def test_the_providers_get_the_key_and_openclaw_has_none(relayed: Running, providers: FakeProviders) -> None:
    relayed.ask(TEXT, MODELS[0])
    asked = providers.asked[-1]
    assert KEY in str(asked.headers)
    assert relayed.relay
    token = relayed.relay.order()["token"]
    assert token not in str(asked.headers)
    environ = Path(f"/proc/{relayed.process.pid}/environ").read_bytes().decode()
    assert token in environ
    assert KEY not in environ
    files = [path for path in relayed.state.rglob("*") if path.is_file() and not path.is_symlink()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_every_call_is_counted(relayed: Running) -> None:
    assert relayed.relay
    before = relayed.relay.ledger.count
    for model in ONE_EACH:
        relayed.ask(TEXT, model)
    assert relayed.relay.ledger.count == before + len(ONE_EACH)
    newest = list(relayed.relay.ledger.calls)[-len(ONE_EACH) :]
    assert [call.model for call in newest] == list(ONE_EACH)
    told = [call for call in newest if call.ending == "whole"]  # OpenClaw may go as soon as it has the last event
    assert all(call.dollars > 0 for call in newest)
    assert not any(call.estimated for call in told)


@pytest.mark.parametrize("model", [*ONE_EACH, "deepseek/deepseek-chat"])
def test_a_spent_allowance_is_told_in_our_words_and_the_next_turn_passes_at_once(relayed: Running, model: str) -> None:
    SWITCH.spent = True
    try:
        outcome = relayed.ask(TEXT, model)
    finally:
        SWITCH.spent = False
    assert isinstance(outcome, Failed), outcome
    assert outcome.key == "model_auth.allowance_spent"
    again = relayed.ask(TEXT, model)
    assert isinstance(again, Finished), again
