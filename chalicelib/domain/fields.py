"""What comes from outside as JSON, read field by field; errors say what was got and what was wanted."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.text import mend
from chalicelib.errors import InvalidMessage

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
QUERY_DIGITS = 12


def json_object(body: str | bytes) -> dict[str, Any]:
    """The fields of a frame or of a request's body. Raises InvalidMessage."""
    try:
        fields = json.loads(body)
        text = json.dumps(fields, ensure_ascii=False)
        fields = fields if (mended := mend(text)) == text else json.loads(mended)
    except (ValueError, RecursionError) as error:
        raise InvalidMessage(f"that is not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise InvalidMessage("that is not a JSON object")
    return fields


def short(value: Any) -> str:
    """What was got, in an error that must itself fit a frame."""
    return reprlib.repr(value)


def uuid_of(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise InvalidMessage(f"{key} is {short(value)}, wanted a lower-case UUID")
    return value


def count(fields: Mapping[str, Any], key: str) -> int:
    value = fields.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise InvalidMessage(f"{key} is {short(value)}, wanted a number from 0")
    return value


def digits(value: str, key: str) -> int:
    """A number of a query."""
    if not value.isdecimal() or len(value) > QUERY_DIGITS:
        raise InvalidMessage(f"{key} is {value[:40]!r}, wanted a whole number of at most {QUERY_DIGITS} digits")
    return int(value)


def flag(fields: Mapping[str, Any], key: str) -> bool:
    value = fields.get(key)
    if not isinstance(value, bool):
        raise InvalidMessage(f"{key} is {short(value)}, wanted true or false")
    return value
