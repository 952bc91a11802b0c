"""Waits for what a test expects, instead of sleeping for as long as it usually takes."""

import time
from collections.abc import Callable


def wait_until(look: Callable[[], object], timeout: float = 5.0) -> None:
    deadline = time.monotonic() + timeout
    while not look():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
