"""What may be asked of whom: hosts, paths, where the credential stands, and how each API words a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from container.bridge.relay import usage
from container.bridge.relay.usage import Reader

Refusal = Callable[[int, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Api:
    """One way of speaking to models."""

    header: str  # where the credential stands
    scheme: str  # what stands before it
    reader: Reader
    refusal: Refusal
    asks_usage: bool = False  # it tells what was used only when it is asked to


@dataclass(frozen=True)
class ModelProvider:
    name: str
    api: Api
    path: re.Pattern[str]  # of what is paid, by POST; a group `model` where the path names it
    free: re.Pattern[str]  # by GET
    host: str
    port: int = 443
    base: str = ""  # where it has no TLS: it is on this machine, and its paths begin so
    spent: int = 402  # the status of a refusal because the allowance is spent

    @property
    def plain(self) -> bool:
        return self.port != 443  # noqa: PLR2004


def _messages_refusal(status: int, words: str) -> Mapping[str, Any]:
    kinds = {401: "authentication_error", 402: "billing_error", 404: "not_found_error"}
    return {"type": "error", "error": {"type": kinds.get(status, "invalid_request_error"), "message": words}}


def _openai_refusal(status: int, words: str) -> Mapping[str, Any]:
    kinds = {401: "invalid_api_key", 402: "insufficient_quota", 404: "model_not_found"}
    return {"error": {"message": words, "type": "invalid_request_error", "code": kinds.get(status, "bad_request")}}


def _google_refusal(status: int, words: str) -> Mapping[str, Any]:
    kinds = {401: "UNAUTHENTICATED", 402: "FAILED_PRECONDITION", 404: "NOT_FOUND"}
    return {"error": {"code": status, "message": words, "status": kinds.get(status, "INVALID_ARGUMENT")}}


MESSAGES = Api("x-api-key", "", usage.read_messages, _messages_refusal)
RESPONSES = Api("authorization", "Bearer ", usage.read_responses, _openai_refusal)
GENERATE = Api("x-goog-api-key", "", usage.read_generated, _google_refusal)
COMPLETIONS = Api("authorization", "Bearer ", usage.read_completions, _openai_refusal, asks_usage=True)
CREDENTIALS = frozenset(("authorization", "x-api-key", "x-goog-api-key", "api-key", "cookie"))
NOWHERE = re.compile(r"(?!)")


def _provider(name: str, api: Api, host: str, path: str, free: str = "", **more: Any) -> ModelProvider:
    return ModelProvider(name, api, re.compile(path), re.compile(free) if free else NOWHERE, host, **more)


PROVIDERS: tuple[ModelProvider, ...] = (
    _provider("anthropic", MESSAGES, "api.anthropic.com", r"/v1/messages(\?beta=true)?", r"/v1/models(\?[\w=&-]*)?"),
    _provider("openai", RESPONSES, "api.openai.com", r"/v1/responses", r"/v1/models"),
    _provider(
        "google",
        GENERATE,
        "generativelanguage.googleapis.com",
        r"/v1beta/models/(?P<model>[\w.-]+):streamGenerateContent\?alt=sse",
        r"/v1beta/models(\?pageSize=\d+)?",
    ),
    _provider("openrouter", COMPLETIONS, "openrouter.ai", r"/api/v1/chat/completions", r"/api/v1/models"),
    # OpenClaw locks an inline key for minutes after a 402, whatever the owner does; after a 400 it does not.
    _provider("deepseek", COMPLETIONS, "api.deepseek.com", r"(/v1)?/chat/completions", r"(/v1)?/models", spent=400),
)
BY_HOST: Mapping[str, ModelProvider] = {provider.host: provider for provider in PROVIDERS}
HOSTS = tuple(BY_HOST)


def demo(url: str) -> ModelProvider:
    """The model that answers without a key, on this machine."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    found = _provider("demo", MESSAGES, parts.hostname or "", r"/v1/messages(\?beta=true)?", port=parts.port or 80)
    return ModelProvider(found.name, found.api, found.path, found.free, found.host, found.port, path)
