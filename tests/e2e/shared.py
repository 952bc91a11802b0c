"""What a process of tests has started: one thing at a time, because a product that is awake takes 1.5 GB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.e2e.processes import alive, below
from tests.e2e.product import Product, wait_for

Started = TypeVar("Started")


class Shared:
    """Kept for the next file if that wants the same, else ended before the other is started."""

    def __init__(self) -> None:
        self._name = ""
        self._started: Any = None
        self._closing = ExitStack()

    def get(self, name: str, start: Callable[[], AbstractContextManager[Started]]) -> Started:
        if name != self._name:
            self.end()
            self._started = self._closing.enter_context(start())
            self._name = name
        started: Started = self._started
        return started

    def end(self) -> None:
        self._name = ""
        self._closing.close()


@contextmanager
def running(state: Path, **environ: str) -> Iterator[Product]:
    """A product that leaves no process behind, whatever was done to it."""
    product = Product(state, **environ).start()
    try:
        yield product
    finally:
        left = [found.pid for found in below(product.process.pid)]
        product.stop()
        wait_for(lambda: not any(map(alive, left)), "the end of all processes")
