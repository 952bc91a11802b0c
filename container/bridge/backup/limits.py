"""What bounds a backup: how large it may be and still be restored, how long it waits for who holds a database."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.listing import LARGEST_LISTING

LARGEST_FILE = 1024**3  # a larger one would take the time that all others need
LONGEST_PATH = 4095  # bytes, relative to the state folder: what one call of the system takes
LONGEST_NAME = 255  # bytes of one part of it
LONGEST_PATHS = (
    LARGEST_LISTING * 3 // 4
)  # bytes that they take in the listing; the rest is for the places of their bytes
PER_PATH = 150  # bytes that a file takes in the listing besides its name

WAIT = 2.0  # seconds for one database that somebody holds
WAITS = 8.0  # for all of them together in one backup: a hundred that are held would take the time of the others
COPY = 60.0  # seconds in which a database of LARGEST_FILE is copied on a slow disk


class Late(Exception):
    """It took longer than it may."""


@dataclass
class Waits:
    """Each backup's own. A database waits no longer than `one`, all of a backup together no longer than `all`."""

    one: float = WAIT
    all: float = WAITS
    copy: float = COPY
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _left: float = WAITS

    def renew(self) -> None:
        self._left = self.all

    def share(self) -> float:
        """Seconds that the next one may wait."""
        return max(0.0, min(self.one, self._left))

    def spend(self, seconds: float) -> None:
        self._left -= seconds

    def deadline(self) -> Callable[[], None]:
        """For a copy that begins now: raises Late when it is over."""
        end = self.now() + self.copy

        def check() -> None:
            if self.now() > end:
                raise Late(f"longer than {self.copy:g} s")

        return check
