"""What the owner has chosen, read while the message is being claimed: the turn does not wait for it."""

from __future__ import annotations

import logging

from chalicelib.domain.settings import Settings
from chalicelib.tables.settings import SettingsRows
from container.bridge.mailbox import Promise
from container.bridge.ports import Concurrency
from container.bridge.retry import retry

log = logging.getLogger(__name__)
TIMEOUT = 5.0  # seconds for the first try; then it is read anew


class PrefetchedSettings:
    """`start` reads in a thread of its own; the turn's thread waits for what it found."""

    def __init__(self, rows: SettingsRows, user_id: str, concurrency: Concurrency) -> None:
        self._rows, self._user_id, self._concurrency = rows, user_id, concurrency
        self._found: Promise[Settings | Exception] = Promise(concurrency)

    def start(self) -> None:
        self._concurrency.spawn(self._read, "settings")

    def get(self) -> Settings:
        """Raises the store's error when it stays away for long."""
        found = self._found.wait(TIMEOUT)
        if isinstance(found, Settings):
            return found
        return retry(lambda: self._rows.get(self._user_id), self._concurrency.sleep)

    def _read(self) -> None:
        try:
            self._found.put(self._rows.get(self._user_id))
        except Exception as error:
            log.warning("the settings will be read again: %s", error, exc_info=True)
            self._found.put(error)
