"""What ends a bridge or changes its life, told to the one thread that leads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class StopRequested:
    """By a signal, by a request, or by the bridge itself."""

    reason: str


@dataclass(frozen=True)
class FencedOff:
    """Another epoch owns the user: nothing of ours has an effect any more."""

    why: str


@dataclass(frozen=True)
class CommitFailed:
    """An answer could not be committed: a fresh start may do better."""

    message_id: str


@dataclass(frozen=True)
class OpenClawChanged:
    """The connection to OpenClaw was lost, or is there again."""


LifeEvent = StopRequested | FencedOff | CommitFailed | OpenClawChanged
Report = Callable[[LifeEvent], None]  # from any thread; never waits
