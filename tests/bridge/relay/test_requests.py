"""What may be asked of a provider is decided from the request alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from container.bridge.relay.prices import listed
from container.bridge.relay.providers import PROVIDERS, ModelProvider, demo
from container.bridge.relay.request import CallRefused, ModelCall, decide
from container.bridge.relay.wire import HttpHead, Malformed

BY_NAME = {provider.name: provider for provider in PROVIDERS}
TOKEN = "rt-1"
MODELS = listed("anthropic/of-the-owner")
MESSAGE: dict[str, Any] = {"model": "claude-opus-5", "max_tokens": 10, "stream": True}
COMPLETION: dict[str, Any] = {"model": "deepseek-chat", "stream": True, "messages": [{"content": "한"}]}


def ask(
    name: str = "anthropic",
    target: str = "/v1/messages",
    body: dict[str, Any] | bytes | None = None,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
) -> ModelCall:
    provider: ModelProvider = BY_NAME[name]
    own = {provider.api.header: provider.api.scheme + TOKEN, **(headers or {})}
    content = body if isinstance(body, bytes) else json.dumps(MESSAGE if body is None else body).encode()
    head = HttpHead(f"{method} {target} HTTP/1.1", tuple(own.items()))
    return decide(provider, head, content, TOKEN, MODELS)


@pytest.mark.parametrize(
    ("name", "method", "target"),
    [
        ("anthropic", "POST", "/v1/files"),
        ("anthropic", "POST", "/v1/messages/batches"),
        ("anthropic", "POST", "/v1/messages?key=1"),
        ("anthropic", "DELETE", "/v1/messages"),
        ("anthropic", "POST", "//v1/messages"),
        ("anthropic", "POST", "/v1/../v1/messages"),
        ("openai", "POST", "/v1/images/generations"),
        ("openai", "POST", "/v1/responses/1/cancel"),
        ("openai", "GET", "/v1/organization/api_keys"),
        ("google", "POST", "/v1beta/models/gemini-3-flash-preview:generateContent"),
        ("google", "POST", "/v1beta/models/gemini-3-flash-preview:streamGenerateContent?alt=sse&key=x"),
        ("google", "POST", "/v1beta/cachedContents"),
        ("openrouter", "POST", "/api/v1/keys"),
        ("openrouter", "GET", "/api/v1/credits"),
        ("deepseek", "GET", "/user/balance"),
    ],
)
def test_a_path_that_is_not_listed_leads_nowhere(name: str, method: str, target: str) -> None:
    with pytest.raises(CallRefused) as refused:
        ask(name, target, method=method)
    assert refused.value.status == 404


@pytest.mark.parametrize(
    "body",
    [
        {**MESSAGE, "model": "claude-fable-5-1"},
        {**MESSAGE, "fallbacks": [{"model": "claude-fable-5-1"}]},
        {**MESSAGE, "models": ["claude-fable-5-1"]},
    ],
)
def test_a_model_that_is_not_listed_is_not_asked_nor_one_that_would_stand_in(body: dict[str, Any]) -> None:
    with pytest.raises(CallRefused, match="model not found"):
        ask(body=body)


@pytest.mark.parametrize(
    "more",
    [
        {"background": True},
        {"prompt": {"id": "pmpt_1"}},
        {"preset": "mine"},
        {"tools": [{"type": "image_generation"}]},
        {"tools": [{"type": "function", "name": "exec"}, {"type": "advisor", "model": "claude-opus-5"}]},
    ],
)
def test_work_that_has_no_price_here_is_not_passed_on(more: dict[str, Any]) -> None:
    with pytest.raises(CallRefused, match="cannot see the price"):
        ask(body={**MESSAGE, **more})


def test_the_models_to_choose_from_and_the_configured_one_are_listed() -> None:
    assert ask().model == "anthropic/claude-opus-5"
    assert ask(body={**MESSAGE, "model": "of-the-owner"}).model == "anthropic/of-the-owner"
    assert ask(body={**MESSAGE, "fallbacks": "default"}).model == "anthropic/claude-opus-5"
    auto = ask("openrouter", "/api/v1/chat/completions", {"model": "openrouter/auto"})
    assert auto.model == "openrouter/auto"


@pytest.mark.parametrize(
    "body",
    [
        b'{"model": "claude-fable-5-1", "model": "claude-opus-5"}',
        b'{"model": "claude-opus-5", "metadata": {"a": 1, "a": 2}}',
        b"[]",
        b"",
        b"\xff",
        b'{"model": 5}',
        b'{"max_tokens": 5}',
        b"[" * 100_000,
    ],
)
def test_what_can_be_read_in_two_ways_is_not_passed_on(body: bytes) -> None:
    with pytest.raises(CallRefused) as refused:
        ask(body=body)
    assert refused.value.status == 400


def test_a_compressed_request_is_not_passed_on_unread() -> None:
    with pytest.raises(CallRefused) as refused:
        ask(headers={"content-encoding": "gzip"})
    assert refused.value.status == 415


def test_two_credentials_of_a_kind_are_none() -> None:
    provider = BY_NAME["anthropic"]
    head = HttpHead("POST /v1/messages HTTP/1.1", (("x-api-key", TOKEN), ("X-Api-Key", TOKEN)))
    with pytest.raises(Malformed):
        decide(provider, head, json.dumps(MESSAGE).encode(), TOKEN, MODELS)


def test_nothing_of_the_agents_credentials_or_connection_goes_on() -> None:
    given = {"authorization": "Bearer stolen", "cookie": "a", "host": "evil", "te": "x", "accept-encoding": "br"}
    sent = ask(headers={**given, "anthropic-beta": "context-management"}).render("sk-real").decode()
    assert "stolen" not in sent
    assert TOKEN not in sent
    assert "host: api.anthropic.com\r\n" in sent
    assert "accept-encoding: identity\r\n" in sent
    assert "anthropic-beta: context-management\r\n" in sent
    assert sent.count("x-api-key: sk-real\r\n") == 1


def test_usage_is_asked_for_where_openclaw_does_not() -> None:
    call = ask("deepseek", "/chat/completions", COMPLETION)
    assert json.loads(call.body) == {**COMPLETION, "stream_options": {"include_usage": True}}


@pytest.mark.parametrize(
    "body", [{**COMPLETION, "stream": False}, {**COMPLETION, "stream_options": {"include_usage": True}}]
)
def test_else_the_body_passes_byte_by_byte(body: dict[str, Any]) -> None:
    raw = json.dumps(body, indent=3).encode()
    assert ask("deepseek", "/chat/completions", raw).body == raw
    assert ask(body=json.dumps(MESSAGE, indent=2).encode()).body == json.dumps(MESSAGE, indent=2).encode()


def test_what_a_call_may_cost_is_its_bound_and_all_it_sends() -> None:
    small, large = ask(body={**MESSAGE, "max_tokens": 1000}), ask(body={**MESSAGE, "max_tokens": 100_000})
    assert large.most - small.most == pytest.approx(99_000 * 25 / 1_000_000, abs=1e-4)
    unbound = ask(body={"model": "claude-opus-5"})
    assert unbound.most > small.most
    google = "/v1beta/models/gemini-3-flash-preview:streamGenerateContent?alt=sse"
    assert ask("google", google, {"generationConfig": {"maxOutputTokens": 7}}).bound == 7


def test_a_list_of_models_is_free() -> None:
    call = ask(target="/v1/models?limit=1000", method="GET", body=b"")
    assert (call.model, call.most) == ("", 0.0)


def test_the_demo_model_stands_behind_the_token_in_its_address() -> None:
    provider = demo("http://127.0.0.1:9099/secret")
    head = HttpHead(f"POST /{TOKEN}/demo/v1/messages HTTP/1.1", ())
    call = decide(provider, head, b'{"model": "demo-1"}', TOKEN, MODELS)
    assert call.render("").startswith(b"POST /secret/v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\n")
    assert call.most == 0.0
    for target in ("/wrong/demo/v1/messages", "/v1/messages", "/", f"/{TOKEN}/other/v1/messages"):
        with pytest.raises(CallRefused):
            decide(provider, HttpHead(f"POST {target} HTTP/1.1", ()), b'{"model": "demo-1"}', TOKEN, MODELS)
