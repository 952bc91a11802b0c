"""Times on the wire and in tables: ISO 8601, UTC, milliseconds; they sort as text."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def to_seconds(moment: datetime) -> int:
    """Epoch seconds, the form of `expiresAt`."""
    return int(moment.timestamp())
