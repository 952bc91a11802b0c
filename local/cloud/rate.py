"""API Gateway's rate of an account: one bucket for requests, sockets' messages and pushes to them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PER_SECOND, BURST = 10_000.0, 5_000.0  # a quarter of both in newer regions
TOO_MANY = "Too Many Requests"


@dataclass
class AccountRate:
    per_second: float = PER_SECOND
    burst: float = BURST
    clock: Callable[[], float] = time.monotonic
    _left: float = field(init=False)
    _at: float = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        self._left, self._at = self.burst, self.clock()

    def takes(self) -> bool:
        """One request more; False where there are too many."""
        with self._lock:
            now = self.clock()
            self._left = min(self.burst, self._left + (now - self._at) * self.per_second)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True
