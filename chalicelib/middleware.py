"""What is done to every answer of the API: nobody on its way keeps it, and all that is refused has one shape."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

log = logging.getLogger(__name__)
CODES: Mapping[int, str] = {HTTPStatus.NOT_FOUND: "not_found", HTTPStatus.FORBIDDEN: "not_allowed"}


def keep_private(event: Any, answer: Callable[[Any], Any]) -> Any:
    """A middleware of Chalice's: what it answers is one person's, and stays out of a browser's disk, too."""
    response = answer(event)
    response.headers["Cache-Control"] = "no-store"
    return response


def log_failure(event: Any, answer: Callable[[Any], Any]) -> Any:
    """A middleware of Chalice's: an alarm counts these lines."""
    response = answer(event)
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s %s is answered with %d", event.method, event.path, response.status_code)
    return response


def reshape(event: Any, answer: Callable[[Any], Any]) -> Any:
    """A middleware of Chalice's: what Chalice itself refuses looks like what we refuse."""
    response = answer(event)
    body = response.body
    if isinstance(body, dict) and body.keys() == {"Code", "Message"}:
        ours = "internal" if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_message"
        response.body = {"code": CODES.get(response.status_code, ours), "message": body["Message"]}
    return response
