"""How long a start takes here: median and 90th percentile of the last starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW = 20


@dataclass(frozen=True)
class Estimate:
    """Seconds from the request to the moment the agent can take a message."""

    p50: float
    p90: float


def estimate(durations: Sequence[float]) -> Estimate | None:
    """From the newest `WINDOW` durations in seconds, newest last; None before the first start."""
    recent = sorted(durations[-WINDOW:])
    if not recent:
        return None
    return Estimate(p50=_rank(recent, 0.5), p90=_rank(recent, 0.9))


def _rank(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
