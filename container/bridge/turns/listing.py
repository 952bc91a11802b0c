"""Which pages are open, listed anew at most once a second while an answer streams."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

from chalicelib.ports import Clock
from chalicelib.tables.connections import Connections, running

log = logging.getLogger(__name__)
AGE = timedelta(seconds=1)  # a page that is newer than the list asks for the rest


class PageListing:
    """Used by every thread that sends. The lock guards the list; it is not held while the table is read."""

    def __init__(self, connections: Connections, user_id: str, clock: Clock) -> None:
        self._connections, self._user_id, self._clock = connections, user_id, clock
        self._lock = threading.Lock()
        self._listed: Mapping[str, int] = {}  # when each one's identity ends
        self._listed_at: datetime | None = None
        self._expiries = 0  # what was read before the last one is out of date

    def get(self) -> frozenset[str]:
        """The list, or the old one where the table does not answer."""
        read_at = self._listed_at
        if read_at is None or self._clock() - read_at > AGE:
            try:
                return self.read()
            except Exception:
                log.exception("the list of open pages is the old one")
        return running(self._listed, self._clock())

    def read(self) -> frozenset[str]:
        """Read anew. Raises what the table raises."""
        expiries = self._expiries
        found = self._connections.ends(self._user_id)
        with self._lock:
            self._listed = found
            self._listed_at = self._clock() if expiries == self._expiries else None
        return running(found, self._clock())

    def expire(self) -> None:
        """A turn begins, or a page wants to catch up: nobody who is there now may miss what comes next."""
        with self._lock:
            self._expiries += 1
            self._listed_at = None

    def drop(self, connection_id: str) -> None:
        with self._lock:
            self._listed = {each: end for each, end in self._listed.items() if each != connection_id}

    def has_ended(self, connection_id: str) -> bool:
        """Whether its identity was over when the list was read, or is since."""
        return connection_id in self._listed.keys() - running(self._listed, self._clock())
