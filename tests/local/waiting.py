"""Waits for what a test expects, instead of sleeping for as long as it usually takes."""

import time
from collections.abc import Callable

SHORT = 0.01  # seconds between looks; a server of a test ends as quickly


def wait_until(look: Callable[[], object], timeout: float = 15.0) -> None:
    deadline = time.monotonic() + timeout
    while not look():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(SHORT)
