"""Cloud <-> container: how a request to the bridge is signed, and what counts as a good signature."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.times import from_text, to_text

WINDOW = timedelta(seconds=60)
BODY_BYTES = 4096
HEADERS = ("X-Epoch", "X-Time", "X-Nonce", "X-Signature")


@dataclass(frozen=True)
class Request:
    method: str
    path: str  # with the query, as it is sent
    body: bytes = b""


def signature(key: str, request: Request, time: str, nonce: str) -> str:
    """HMAC-SHA256 (hex) under the epoch's key (hex) over method, path, time, nonce and the body's hash."""
    body_hash = hashlib.sha256(request.body).hexdigest()
    message = "\n".join((request.method, request.path, time, nonce, body_hash))
    return hmac.new(bytes.fromhex(key), message.encode(), hashlib.sha256).hexdigest()


def sign(key: str, epoch: int, request: Request, now: datetime, nonce: str) -> dict[str, str]:
    """The headers that a bridge of this epoch believes for `WINDOW`, once."""
    time = to_text(now)
    values = (str(epoch), time, nonce, signature(key, request, time, nonce))
    return dict(zip(HEADERS, values, strict=True))


def verify(key: str, epoch: int, request: Request, headers: Mapping[str, str], now: datetime) -> str | None:
    """The nonce of a good request, to be remembered for twice the window; None for any other request."""
    sent_epoch, time, nonce, sent = (headers.get(name, "") for name in HEADERS)
    good = hmac.compare_digest(signature(key, request, time, nonce).encode(), sent.encode())
    return nonce if good and nonce and sent_epoch == str(epoch) and _fresh(time, now) else None


def _fresh(time: str, now: datetime) -> bool:
    try:
        return abs(now - from_text(time)) <= WINDOW
    except (ValueError, TypeError):
        return False
