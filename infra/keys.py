"""A model's key: asked for without echo until its provider takes it, by one call that costs nothing."""

from __future__ import annotations

from collections.abc import Callable

from infra.adapters.providers import FREE_CALLS, refusal
from infra.console import Console
from infra.errors import DriverError

TryKey = Callable[[str, str], str | None]  # provider, key; see `refusal`


def try_key(provider: str, key: str) -> str | None:
    return refusal(FREE_CALLS[provider], key)


def ask_key(console: Console, provider: str, otherwise: str, tried: TryKey) -> str:
    """Raises DriverError when nothing, or no key, is given."""
    while True:
        key = console.ask_secret(f"{provider}'s API key (not shown):", otherwise)
        if not key or not key.isascii() or any(character.isspace() for character in key):
            raise DriverError("That is no key. Nothing was done.")
        refused = tried(provider, key)
        if not refused:
            break
        console.say(f"{provider} refuses this key ({refused}). Copy it once more, whole; Enter alone ends.")
    if refused is None:
        console.say(f"! {provider} does not say now whether this key is good; it is taken as it is.")
    return key
