"""What the API answers is one person's: nobody on its way keeps it, nor does a browser's disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def keep_private(event: Any, answer: Callable[[Any], Any]) -> Any:
    """A middleware of Chalice's."""
    response = answer(event)
    response.headers["Cache-Control"] = "no-store"
    return response
