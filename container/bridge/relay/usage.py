"""What a call used, read from the answer as it passes: each API tells it in its own way. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

LONGEST = 8 * 1024 * 1024  # bytes of a line or of a whole answer; usage stands in small ones
MARKS = (b'"usage', b'"usageMetadata')
SENT, RECEIVED = 3, 12  # bytes of a token, at the least, in what is estimated; events bring more than words
Json = Mapping[str, Any]


@dataclass(frozen=True)
class TokenUsage:
    """Tokens, each counted once; `searches` are billed apart."""

    input: int = 0
    cached: int = 0  # read from the provider's cache
    written: int = 0  # to it, for five minutes
    kept: int = 0  # to it, for an hour
    output: int = 0
    searches: int = 0
    dollars: float | None = None  # where the provider tells the price itself

    @property
    def context(self) -> int:
        return self.input + self.cached + self.written + self.kept


Reader = Callable[[Json, TokenUsage], TokenUsage]


def read_messages(event: Json, known: TokenUsage) -> TokenUsage:
    """Anthropic: at the start and, with the totals, at the end."""
    told = _of(_of(event, "message") or event, "usage") or _of(event, "usage")
    if not told:
        return known
    split, tools = _of(told, "cache_creation"), _of(told, "server_tool_use")
    kept = _number(split, "ephemeral_1h_input_tokens", known.kept)
    written = _number(told, "cache_creation_input_tokens", known.written + known.kept)
    return replace(
        known,
        input=_number(told, "input_tokens", known.input),
        cached=_number(told, "cache_read_input_tokens", known.cached),
        written=max(0, written - kept),
        kept=kept,
        output=_number(told, "output_tokens", known.output),
        searches=_number(tools, "web_search_requests", known.searches),
    )


def read_responses(event: Json, known: TokenUsage) -> TokenUsage:
    """OpenAI: with the last event, all of it."""
    answer = _of(event, "response") or event
    told = _of(answer, "usage")
    if not told:
        return known
    cached = _number(_of(told, "input_tokens_details"), "cached_tokens", 0)
    output = answer.get("output")
    items = output if isinstance(output, list) else []
    return TokenUsage(
        input=max(0, _number(told, "input_tokens", 0) - cached),
        cached=cached,
        output=_number(told, "output_tokens", 0),
        searches=sum(isinstance(item, dict) and item.get("type") == "web_search_call" for item in items),
    )


def read_generated(event: Json, known: TokenUsage) -> TokenUsage:
    """Google: with each event, the last one counts."""
    told = _of(event, "usageMetadata")
    if not told:
        return known
    cached = _number(told, "cachedContentTokenCount", 0)
    prompt = _number(told, "promptTokenCount", 0) + _number(told, "toolUsePromptTokenCount", 0)
    output = _number(told, "candidatesTokenCount", 0) + _number(told, "thoughtsTokenCount", 0)
    return TokenUsage(input=max(0, prompt - cached), cached=cached, output=output)


def read_completions(event: Json, known: TokenUsage) -> TokenUsage:
    """What OpenRouter and DeepSeek share; OpenRouter tells the price, too."""
    told = _of(event, "usage")
    if not told:
        return known
    details = _of(told, "prompt_tokens_details")
    cached = _number(details, "cached_tokens", _number(told, "prompt_cache_hit_tokens", 0))
    cost = told.get("cost")
    return TokenUsage(
        input=max(0, _number(told, "prompt_tokens", 0) - cached),
        cached=cached,
        output=_number(told, "completion_tokens", 0),
        dollars=float(cost) if isinstance(cost, int | float) and cost >= 0 else None,
    )


class Meter:
    """Fed with the content of one answer as it comes, a stream of events or one piece of JSON."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self.streamed = reader, True
        self._line = b""
        self.bytes = 0
        self.usage: TokenUsage | None = None

    def feed(self, content: bytes) -> None:
        self.bytes += len(content)
        self._line += content
        if self.streamed and b"\n" in content:
            *lines, self._line = self._line.split(b"\n")
            for line in lines:
                self._note(line.removeprefix(b"data:"))
        if len(self._line) > LONGEST:
            self._line = b""

    def end(self) -> TokenUsage | None:
        """None where it was not told."""
        self._note(self._line.removeprefix(b"data:"))
        return self.usage

    def _note(self, text: bytes) -> None:
        if not any(mark in text for mark in MARKS):
            return
        try:
            event = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(event, dict):
            known = self.usage or TokenUsage()
            told = self._reader(event, known)
            self.usage = told if told is not known else self.usage


def estimate(sent: int, received: int) -> TokenUsage:
    """Of bytes: more than it was, rather than less."""
    return TokenUsage(input=sent // SENT, output=received // RECEIVED)


def _of(event: Json, name: str) -> Json:
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def _number(told: Json, name: str, otherwise: int) -> int:
    found = told.get(name)
    return found if isinstance(found, int) and found >= 0 else otherwise
