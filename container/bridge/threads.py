"""Concurrency by threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
AT_ONCE = 8


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


def at_once(work: Callable[[Task], Result], tasks: Sequence[Task]) -> list[Result]:
    """Several tasks beside each other; the first error is raised when those that had begun are over."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="at once") as pool:
        futures = [pool.submit(work, task) for task in tasks]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
