"""Concurrency by threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Bell:
    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def wait(self, timeout: float) -> bool:
        rung = self._event.wait(timeout)
        self._event.clear()
        return rung


class Threads:
    def spawn(self, work: Callable[[], None], name: str) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()

    def signal(self) -> Bell:
        return Bell()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
