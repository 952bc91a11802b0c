"""Concurrency by threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")
AT_ONCE = 8


class QueueBell:
    """By a queue, because a signal handler may ring it while the thread it interrupts waits for it.

    An Event has a lock that such a handler would wait for in vain.
    """

    def __init__(self) -> None:
        self._rings: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        self._rings.put(None)

    def wait(self, timeout: float) -> bool:
        try:
            self._rings.get(timeout=max(0.0, timeout))
        except Empty:
            return False
        with suppress(Empty):
            while True:
                self._rings.get_nowait()
        return True


class Threads:
    def spawn(self, work: Callable[[], None], name: str) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()

    def bell(self) -> QueueBell:
        return QueueBell()

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
