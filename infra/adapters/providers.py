"""The models' providers, asked what costs nothing: whether a key is good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import requests

TIMEOUT = 10.0


@dataclass(frozen=True)
class FreeCall:
    """A GET that a provider answers for nothing, and only to a good key."""

    url: str
    header: str = "Authorization"
    scheme: str = "Bearer "
    more: Mapping[str, str] = field(default_factory=dict)
    refusal: int = HTTPStatus.UNAUTHORIZED
    says: str = ""  # in a refusal

    def ask(self, key: str) -> requests.Response:
        """Nowhere else, and as nobody else: no redirect is followed, and nothing of a .netrc is sent."""
        headers = {self.header: f"{self.scheme}{key}", **self.more}
        return requests.get(self.url, headers=headers, timeout=TIMEOUT, allow_redirects=False, auth=_as_it_is)


FREE_CALLS = {
    "anthropic": FreeCall("https://api.anthropic.com/v1/models", "x-api-key", "", {"anthropic-version": "2023-06-01"}),
    # One that may not list models gets a 401, too, with other words.
    "openai": FreeCall("https://api.openai.com/v1/models", says="invalid_api_key"),
    "google": FreeCall(
        "https://generativelanguage.googleapis.com/v1beta/models",
        "x-goog-api-key",
        "",
        refusal=HTTPStatus.BAD_REQUEST,
        says="API_KEY_INVALID",
    ),
    "openrouter": FreeCall("https://openrouter.ai/api/v1/key"),  # its list of models is for everybody
    "deepseek": FreeCall("https://api.deepseek.com/models"),
}


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def refusal(call: FreeCall, key: str) -> str | None:
    """Empty when the provider takes the key, the words when it does not; None when that cannot be found out."""
    try:
        answer = call.ask(key)
    except requests.RequestException:
        return None
    if answer.status_code == call.refusal and call.says in answer.text:
        return f"{answer.status_code} {answer.reason}"
    return "" if answer.status_code == HTTPStatus.OK else None
