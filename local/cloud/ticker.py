"""EventBridge: sends every scheduled function of the app its event, at the rate it declares."""

from __future__ import annotations

import logging
import re
import threading
import time
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass

from chalice.app import Chalice, ScheduledEventConfig

from local.cloud.environments import Environments
from local.cloud.events import scheduled

SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
FIRST = 2.0  # seconds after the start: what an earlier run left behind is found soon
LAMBDA_TIMEOUT = 60.0
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


class Ticker:
    def __init__(self, environments: Environments, wanted: list[Timer]) -> None:
        self.environments = environments
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
        due = time.monotonic() + min(FIRST, timer.period)
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            self._tick(timer)
            due = max(due + timer.period, time.monotonic())

    def _tick(self, timer: Timer) -> None:
        try:
            self.environments.timer(timer.name, scheduled(timer.name)).result(LAMBDA_TIMEOUT)
        except Late:
            log.error("%s took more than %s s", timer.name, LAMBDA_TIMEOUT)
        except Exception:
            log.exception("%s failed", timer.name)
