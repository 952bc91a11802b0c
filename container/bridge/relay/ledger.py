"""The calls of this start: each one counted, with what it used and cost."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from container.bridge.relay.usage import TokenUsage

log = logging.getLogger(__name__)
KEPT = 1000
REFUSED = 402


@dataclass(frozen=True)
class LedgerCall:
    model: str  # provider/model
    status: int  # 0: the provider gave no answer
    usage: TokenUsage
    dollars: float
    estimated: bool  # the provider did not say what was used
    seconds: float
    ending: str  # whole, aborted (by OpenClaw), broken (by the provider), refused (by us)


class CallLedger:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._refused_at = float("-inf")
        self.calls: deque[LedgerCall] = deque(maxlen=KEPT)  # the newest
        self.count, self.dollars = 0, 0.0

    def note(self, call: LedgerCall) -> None:
        """Into the log without a word of what was said."""
        with self._lock:
            self.calls.append(call)
            self.count += 1
            self.dollars += call.dollars
            if call.ending == "refused":
                self._refused_at = self._clock()
        used = call.usage
        log.info(
            "model call: %s %d %s in %.1f s, tokens %d+%d+%d in, %d out, %.6f dollars%s",
            *(call.model, call.status, call.ending, call.seconds),
            *(used.input, used.cached, used.written + used.kept, used.output, call.dollars),
            " (estimated)" if call.estimated else "",
        )

    def refused_since(self, moment: float) -> bool:
        """Was a call refused because the allowance is spent?"""
        with self._lock:
            return self._refused_at >= moment

    def now(self) -> float:
        return self._clock()
