"""How threads tell each other things: values left for the one thread that owns what they are about."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from container.bridge.ports import Concurrency

Value = TypeVar("Value")
log = logging.getLogger(__name__)


class Mailbox(Generic[Value]):
    """Anybody puts, a signal handler too; one thread takes. A deque's ends may be used by any thread without a lock."""

    def __init__(self, concurrency: Concurrency) -> None:
        self._values: deque[Value] = deque()
        self._bell = concurrency.bell()

    def put(self, value: Value) -> None:
        self._values.append(value)
        self._bell.set()

    def ring(self) -> None:
        """Nothing to say but that it is time to look."""
        self._bell.set()

    def wait(self, timeout: float) -> bool:
        """Until something was put or rung, at most so many seconds; False when nothing was."""
        return bool(self._values) or self._bell.wait(timeout)

    def take(self) -> list[Value]:
        """All that was put, oldest first."""
        taken = []
        while self._values:
            taken.append(self._values.popleft())
        return taken

    def has(self, kind: type) -> bool:
        """Does a value of this kind wait to be taken?"""
        return any(isinstance(value, kind) for value in self._values.copy())


class Promise(Generic[Value]):
    """What a thread will have found out; put once by it, read by whoever waits."""

    def __init__(self, concurrency: Concurrency) -> None:
        self._value: Value | None = None
        self._bell = concurrency.bell()

    @property
    def value(self) -> Value | None:
        """None while it is not known."""
        return self._value

    def put(self, value: Value) -> None:
        self._value = value
        self._bell.set()

    def wait(self, timeout: float) -> Value | None:
        """None when it is not known within so many seconds. One thread waits."""
        if self._value is None:
            self._bell.wait(timeout)
        return self._value


def within(seconds: float, work: Callable[[], Value], concurrency: Concurrency) -> Value | None:
    """What `work` gives. None when it fails, or takes longer: then it goes on, and nobody waits for it."""
    found: Promise[tuple[Value | None]] = Promise(concurrency)

    def do() -> None:
        value = None
        try:
            value = work()
        except Exception:
            log.exception("going on without it")
        found.put((value,))

    concurrency.spawn(do, "with a bound")
    return (found.wait(seconds) or (None,))[0]
