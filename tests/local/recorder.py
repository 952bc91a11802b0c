"""What the tiny app heard, and the way it pushes; one for all instances of it, as the world outside is."""

from collections.abc import Callable
from typing import Any

heard: list[tuple[str, Any]] = []
pushers: list[Callable[[str, bytes], int]] = []


def push(connection_id: str, body: bytes) -> int:
    """The status of the answer."""
    return pushers[-1](connection_id, body)


def clear() -> None:
    heard.clear()
    pushers.clear()
