"""EventBridge: sends every scheduled function of the app its event, at the rate it declares."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass, field
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

from chalice.app import Chalice, ScheduledEventConfig

from local.cloud.environments import Invoked
from local.cloud.events import scheduled

SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
FIRST = 2.0  # seconds after the start: what an earlier run left behind is found soon
RETRIES = (60.0, 120.0)  # of Lambda, for what nobody waits for
LOST, TWICE = "events-are-lost", "events-come-twice"
Invoke = Callable[[str, dict[str, Any]], Invoked]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Timer:
    name: str
    period: float


def timers(app: Chalice, override: float | None = None) -> list[Timer]:
    """`override`: seconds, for all of them."""
    configs = [source for source in app.event_sources if isinstance(source, ScheduledEventConfig)]
    return [Timer(config.name, override or period(config.schedule_expression)) for config in configs]


def period(expression: object) -> float:
    text = expression if isinstance(expression, str) else expression.to_string()  # type: ignore[attr-defined]
    if found := re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", text):
        return float(int(found[1]) * SECONDS[found[2]])
    raise ValueError(f"{text!r} cannot be run here: only rate(…) can.")


@dataclass(frozen=True, order=True)
class Due:
    when: float
    failures: int = 0  # of this event
    event: dict[str, Any] = field(default_factory=dict, compare=False)


class Ticker:
    """`state`: where signs of bad days lie. `retries`: Lambda's pauses before it repeats an event that failed."""

    def __init__(
        self,
        invoke: Invoke,
        wanted: list[Timer],
        state: Path | None = None,
        retries: Sequence[float] = RETRIES,
    ) -> None:
        self.invoke, self.state, self.retries = invoke, state, retries
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(timer,), name=timer.name) for timer in wanted]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(1)

    def _run(self, timer: Timer) -> None:
        """At a steady rate: a tick that takes long does not delay the next ones."""
        due = [Due(time.monotonic() + min(FIRST, timer.period))]
        while not self._stopped.wait(max(0.0, due[0].when - time.monotonic())):
            now = heappop(due)
            if not now.failures:
                heappush(due, Due(max(now.when + timer.period, time.monotonic())))
            event = now.event or scheduled(timer.name)
            if not self._tick(timer, now.failures, event) and now.failures < len(self.retries):
                heappush(due, Due(time.monotonic() + self.retries[now.failures], now.failures + 1, event))

    def _tick(self, timer: Timer, failures: int, event: dict[str, Any]) -> bool:
        """Did it go well, as far as it was sent?"""
        if not failures and self._signed(LOST):
            return True
        copies = 2 if self._signed(TWICE) else 1
        invoked = [self.invoke(timer.name, event) for _ in range(copies)]
        return all([_succeeds(timer, each) for each in invoked])  # noqa: C419  each is waited for

    def _signed(self, sign: str) -> bool:
        return self.state is not None and (self.state / sign).exists()


def _succeeds(timer: Timer, invoked: Invoked) -> bool:
    try:
        invoked.future.result(invoked.timeout)
    except Late:
        log.error("%s took more than %s s", timer.name, invoked.timeout)
    except Exception:
        log.exception("%s failed", timer.name)
    else:
        return True
    return False
