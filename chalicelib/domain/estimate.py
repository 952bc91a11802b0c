"""How long a start takes here: median and 90th percentile of the last ones; before them, what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.agent import Step

WINDOW = 20
ENOUGH = 3  # starts; fewer are no median that one bad start cannot spoil
SPREAD = 1.5  # the 90th percentile over the median, where only the latter is known
MOST_SPREAD = 3.0

STEP_SECONDS: Mapping[Step, float] = {
    Step.QUEUED: 2.5,  # RunTask
    Step.CONTAINER: 20.0,  # a network interface, and 190 MB of image
    Step.GATEWAY: 7.4,  # bench.image, at 1 vCPU
    Step.WORKSPACE: 4.1,  # bench.image: a start with a memory over one without
}


@dataclass(frozen=True)
class Estimate:
    """Seconds from the request to the moment the agent can take a message."""

    p50: float
    p90: float


SHIPPED = Estimate(sum(STEP_SECONDS.values()), sum(STEP_SECONDS.values()) * SPREAD)


def estimate(durations: Sequence[float]) -> Estimate:
    """From the newest `WINDOW` durations in seconds, newest last.

    A bad start is long, never short: before there are enough, the shortest known counts, the shipped one among them.
    """
    recent = sorted(durations[-WINDOW:])
    if len(recent) < ENOUGH:
        p50 = min((SHIPPED.p50, *recent))
        return Estimate(round(p50, 1), round(p50 * SPREAD, 1))
    p50 = _rank(recent, 0.5)
    return Estimate(p50, min(_rank(recent, 0.9), round(p50 * MOST_SPREAD, 1)))


def _rank(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
