"""Whether a request may go to its provider, and as what: decided from its head and body alone. No I/O."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import Any

from container.bridge.relay.prices import price_of
from container.bridge.relay.providers import CREDENTIALS, ModelProvider
from container.bridge.relay.usage import TokenUsage, estimate
from container.bridge.relay.wire import HOP, Headers, HttpHead, render_head

OURS = HOP | CREDENTIALS | {"host", "content-length", "transfer-encoding", "accept-encoding", "expect", "trailer"}
UNPRICED = ("background", "prompt", "preset")  # it runs on when the call has ended, or names what stands elsewhere
LONGEST_ANSWER = 32_000  # tokens, where the request sets no bound


class CallRefused(Exception):
    """It goes nowhere; `status` and the words are for OpenClaw."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass(frozen=True)
class ModelCall:
    """What is sent, but for the key."""

    provider: ModelProvider
    method: str
    target: str
    headers: Headers
    body: bytes
    model: str = ""  # provider/model; empty where nothing is paid
    bound: int = 0  # tokens of the answer

    def render(self, key: str) -> bytes:
        secret = ((self.provider.api.header, f"{self.provider.api.scheme}{key}"),) if key else ()
        length = (("content-length", str(len(self.body))),) if self.method == "POST" else ()
        own = (("host", self.provider.host), *self.headers, ("accept-encoding", "identity"), *secret, *length)
        return render_head(f"{self.method} {self.provider.base}{self.target} HTTP/1.1", own) + self.body

    @property
    def most(self) -> float:
        """Dollars that it may cost."""
        if not self.model:
            return 0.0
        taken = estimate(len(self.body), 0).input
        return price_of(self.model).cost(TokenUsage(written=taken, output=self.bound))


def decide(provider: ModelProvider, head: HttpHead, body: bytes, token: str, models: frozenset[str]) -> ModelCall:
    """Raises CallRefused, Malformed."""
    method, _, rest = head.start.partition(" ")
    target = _check_token(provider, head, rest.rpartition(" ")[0], token)
    headers = head.without(OURS)
    if method == "GET" and provider.free.fullmatch(target) and not body:
        return ModelCall(provider, method, target, headers, b"")
    found = provider.path.fullmatch(target)
    if method != "POST" or not found:
        raise CallRefused(404, "the relay knows no such path")
    if head.get("content-encoding") not in (None, "identity"):
        raise CallRefused(415, "the relay reads no compressed request")
    asked = _read(body)
    for name in _named(asked, found.groupdict().get("model")):
        if _full(provider, name) not in models:
            raise CallRefused(404, f"model not found: {name[:80]} is not on the list of this agent")
    if any(asked.get(name) for name in UNPRICED) or any(map(_brings_a_model, _list(asked.get("tools")))):
        raise CallRefused(400, "the relay passes on no work that it cannot see the price of")
    model = _full(provider, found.groupdict().get("model") or asked["model"])
    return ModelCall(provider, method, target, headers, _asking(provider, asked, body), model, _bound(asked))


def admit(provider: ModelProvider, head: HttpHead, token: str) -> None:
    """Before anything more is read. Raises CallRefused."""
    _check_token(provider, head, head.start.partition(" ")[2].rpartition(" ")[0], token)


def _brings_a_model(tool: Any) -> bool:
    return isinstance(tool, dict) and ("model" in tool or tool.get("type") == "image_generation")


def _full(provider: ModelProvider, name: str) -> str:
    """OpenRouter's own models have its name in theirs."""
    return name if name.startswith(f"{provider.name}/") else f"{provider.name}/{name}"


def is_token(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())


def _check_token(provider: ModelProvider, head: HttpHead, target: str, token: str) -> str:
    """The path that is meant. Without TLS the token stands before it, as /token/provider: an inline key is locked
    by OpenClaw after one refusal, and a local address needs none."""
    if not provider.plain:
        given = head.get(provider.api.header) or ""
        scheme, path = provider.api.scheme, target
    else:
        _, given, name, path = [*target.split("/", 3), "", "", ""][:4]
        scheme, path = "", f"/{path}" if name == provider.name else ""
    if not is_token(given, scheme + token):
        raise CallRefused(401, "this is no token of this start")
    return path


def _read(body: bytes) -> dict[str, Any]:
    """A name that stands twice may be read as the first by one and as the last by another."""
    try:
        asked = json.loads(body, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise CallRefused(400, "the relay reads JSON only, each name once") from None
    if not isinstance(asked, dict):
        raise CallRefused(400, "the relay reads JSON objects only")
    return asked


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _named(asked: dict[str, Any], by_path: str | None) -> list[str]:
    """All models that may answer: the one that is named, and those that stand in for it."""
    others = [each for name in ("fallbacks", "models") for each in _list(asked.get(name))]
    names = [by_path or asked.get("model"), *(each.get("model") if isinstance(each, dict) else each for each in others)]
    if not all(isinstance(name, str) and name for name in names):
        raise CallRefused(400, "a model without a name")
    return [str(name) for name in names]


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _asking(provider: ModelProvider, asked: dict[str, Any], body: bytes) -> bytes:
    """Of those that tell what was used only when they are asked, it is asked."""
    if not provider.api.asks_usage or not asked.get("stream"):
        return body
    options = asked.get("stream_options")
    told = {**(options if isinstance(options, dict) else {}), "include_usage": True}
    return body if told == options else json.dumps(asked | {"stream_options": told}, ensure_ascii=False).encode()


def _bound(asked: dict[str, Any]) -> int:
    config = asked.get("generationConfig")
    names = ("max_tokens", "max_completion_tokens", "max_output_tokens")
    bounds = [asked.get(name) for name in names]
    bounds += [config.get("maxOutputTokens")] if isinstance(config, dict) else []
    return next((bound for bound in bounds if isinstance(bound, int) and bound > 0), LONGEST_ANSWER)
