"""What the owner has chosen, read while the message is being claimed: the turn does not wait for it."""

from __future__ import annotations

import logging

from chalicelib.state.preferences import PreferenceRows, Preferences
from container.bridge.patience import patiently
from container.bridge.ports import Concurrency

log = logging.getLogger(__name__)
PATIENCE = 5.0  # seconds for the first try; then it is read anew


class Wishes:
    def __init__(self, rows: PreferenceRows, user_id: str, concurrency: Concurrency) -> None:
        self._rows, self._user_id, self._concurrency = rows, user_id, concurrency
        self._found: Preferences | None = None
        self._done = concurrency.signal()
        concurrency.spawn(self._read, "wishes")

    def get(self) -> Preferences:
        """Raises the store's error when it stays away for long."""
        self._done.wait(PATIENCE)
        return self._found or patiently(lambda: self._rows.get(self._user_id), self._concurrency.sleep)

    def _read(self) -> None:
        try:
            self._found = self._rows.get(self._user_id)
        except Exception:
            log.exception("the preferences will be read again")
        finally:
            self._done.set()
