"""What a call used and cost, from each API's own words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.domain.models import PROVIDERS
from container.bridge.relay.prices import DEAREST, PRICES, PRICES_OF, listed, price_of
from container.bridge.relay.usage import (
    Meter,
    Reader,
    TokenUsage,
    read_completions,
    read_generated,
    read_messages,
    read_responses,
)


def stream(*events: dict[str, Any]) -> bytes:
    return b"".join(f"event: e\ndata: {json.dumps(event)}\n\n".encode() for event in events)


def read(reader: Reader, *events: dict[str, Any], piece: int = 7) -> TokenUsage | None:
    meter, content = Meter(reader), stream(*events)
    for start in range(0, len(content), piece):
        meter.feed(content[start : start + piece])
    return meter.end()


STARTED = {"input_tokens": 5, "cache_read_input_tokens": 7, "cache_creation_input_tokens": 30, "output_tokens": 1}
SPLIT = {"cache_creation": {"ephemeral_5m_input_tokens": 20, "ephemeral_1h_input_tokens": 10}}


@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_anthropic_tells_at_the_start_and_at_the_end(piece: int) -> None:
    start = {"type": "message_start", "message": {"usage": {**STARTED, **SPLIT}}}
    end = {"type": "message_delta", "usage": {"output_tokens": 50, "server_tool_use": {"web_search_requests": 2}}}
    assert read(read_messages, start, end, piece=piece) == TokenUsage(5, 7, 20, 10, 50, 2)


def test_openai_tells_with_its_last_event_and_searches_are_counted() -> None:
    usage = {"input_tokens": 1234, "input_tokens_details": {"cached_tokens": 1000}, "output_tokens": 9}
    output = [{"type": "web_search_call"}, {"type": "message"}]
    last = {"type": "response.completed", "response": {"usage": usage, "output": output}}
    assert read(read_responses, last) == TokenUsage(input=234, cached=1000, output=9, searches=1)


def test_of_google_the_last_word_counts_and_thoughts_are_output() -> None:
    first = {"usageMetadata": {"promptTokenCount": 10}}
    last = {"usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 57, "thoughtsTokenCount": 7}}
    assert read(read_generated, first, last) == TokenUsage(input=10, output=64)


def test_openrouter_tells_its_price_and_deepseek_its_cache() -> None:
    told = read(read_completions, {"usage": {"prompt_tokens": 9, "completion_tokens": 1, "cost": 0.5}})
    assert told == TokenUsage(input=9, output=1, dollars=0.5)
    assert price_of("openrouter/auto").cost(told) == 0.5
    hit = {"usage": {"prompt_tokens": 9, "prompt_cache_hit_tokens": 4, "completion_tokens": 1}}
    assert read(read_completions, hit) == TokenUsage(input=5, cached=4, output=1)


def test_an_answer_in_one_piece_is_read_too() -> None:
    meter = Meter(read_messages)
    meter.streamed = False
    meter.feed(b'{"type": "message",\n "usage": {"input_tokens": 3, ')
    meter.feed(b'"output_tokens": 4}}')
    assert meter.end() == TokenUsage(input=3, output=4)


@pytest.mark.parametrize(
    "content",
    [b"", b'data: {"usage": null}\n', b'data: {"usage\n', b'data: ["usage"]\n', b'data: {"usage": {"a": -1}}'],
)
def test_what_was_not_told_is_not_nothing(content: bytes) -> None:
    """None: the relay estimates."""
    meter = Meter(read_completions)
    meter.feed(content)
    assert meter.end() is None or meter.end() == TokenUsage()


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    meter = Meter(read_messages)
    for _ in range(20):
        meter.feed(b"x" * 1024 * 1024)
    assert len(meter._line) <= 8 * 1024 * 1024


def test_every_model_to_choose_has_a_price_with_a_date() -> None:
    assert PRICES_OF == "2026-11"
    offered = {model.id for provider in PROVIDERS.values() for model in provider.models}
    assert offered - set(PRICES) == {"openrouter/auto"}  # it tells its price with each answer
    assert offered <= listed("")


def test_writing_to_a_cache_and_a_long_context_cost_more() -> None:
    million = 1_000_000
    opus = price_of("anthropic/claude-opus-5")
    assert opus.cost(TokenUsage(written=million)) == 6.25
    assert opus.cost(TokenUsage(kept=million)) == 10
    assert opus.cost(TokenUsage(cached=million)) == 0.5
    gemini = price_of("google/gemini-3.1-pro-preview")
    assert gemini.cost(TokenUsage(input=200_000)) == pytest.approx(0.4)
    assert gemini.cost(TokenUsage(input=200_001, output=million)) == pytest.approx(0.8 + 18, abs=1e-4)


def test_a_model_without_a_price_is_counted_as_the_dearest() -> None:
    assert price_of("openai/of-tomorrow") is DEAREST
    usage = TokenUsage(input=1000, output=1000)
    assert all(price.cost(usage) <= DEAREST.cost(usage) for price in PRICES.values())
