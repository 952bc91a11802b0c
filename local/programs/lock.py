"""One product per state folder: a lock that the system itself lets go when the last of its holders is gone.

The launcher's programs inherit it, so that a new run waits for those that a killed launcher left ending.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from local.errors import AlreadyRunning

TIMEOUT = 15.0  # seconds; longer than programs take to end when their launcher was killed
PAUSE = 0.1


@contextmanager
def held(path: Path, timeout: float = TIMEOUT) -> Iterator[int]:
    """The descriptor of the lock, for those who are to keep it too."""
    with path.open("a+") as file:
        deadline = time.monotonic() + timeout
        while not _take(file):
            holder = _holder(file)
            if time.monotonic() > deadline or _alive(holder):
                raise AlreadyRunning(f"It is already running here (process {holder}): end that one first.")
            time.sleep(PAUSE)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield file.fileno()


def _take(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[str]) -> int:
    file.seek(0)
    return int(file.read().strip() or 0)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0
