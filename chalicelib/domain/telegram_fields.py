"""Reading one field of an update: of the kind it should be, or nothing.

What stands beside a message never costs it. What it is made of, `required` reads: without that it is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.text import mend

LARGEST = 2**53  # no number of Telegram's is larger


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def string(value: object) -> str:
    return mend(value) if isinstance(value, str) else ""


def required(value: object) -> str:
    """Raises TypeError. What is not there is an empty text."""
    if value is not None and not isinstance(value, str):
        raise TypeError("not a text")
    return string(value)


def number(value: object, default: int = 0) -> int:
    """1e999 is JSON too, and so is true."""
    if not isinstance(value, int) or isinstance(value, bool):
        return default
    return value if abs(value) <= LARGEST else default
