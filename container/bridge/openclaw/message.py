"""What a turn is made of, besides its events: the message, how long to wait for what, and the way to OpenClaw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.turn import Attachment
from container.bridge.openclaw.protocol import Json


@dataclass(frozen=True)
class Patience:
    """Seconds."""

    hang: float = 180.0  # no event of the turn at all
    tool: float = 1800.0  # the same while a tool works
    unavailable: float = 120.0  # no connection
    resume: float = 900.0  # for an OpenClaw that means to resume the turn: it resumes one after the other
    decide: float = 1.0  # for an OpenClaw that was started again to say that it does
    merged: float = 10.0  # for the next run of a session that has none, where a message waits for it
    poll: float = 0.25  # meanwhile
    cancel: float = 5.0  # from the abort to its confirmation


@dataclass(frozen=True)
class Message:
    session: str  # the session key
    id: str
    text: str
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True)
class Cancelled:
    """The person wants no more of it."""


class Link(Protocol):
    @property
    def is_open(self) -> bool: ...
    @property
    def boot_id(self) -> str: ...
    def request(self, method: str, params: Json, timeout: float = 30.0) -> Json: ...
    def drop(self) -> None: ...
