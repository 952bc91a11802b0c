"""The providers' keys: read where the owner put them, so that a changed one counts at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from container.bridge.ports import Concurrency
from container.bridge.threads import at_once

log = logging.getLogger(__name__)
Read = Callable[[str], str | None]  # by the provider's name; quick where it was read a few seconds ago


class Keys:
    def __init__(self, read: Read, concurrency: Concurrency) -> None:
        self._read, self._concurrency = read, concurrency
        self._lock = threading.Lock()
        self._last: dict[str, str] = {}

    def present(self, providers: Sequence[str]) -> list[str]:
        """Those that have a key; one that cannot be read now may have one."""
        first, *others = providers  # with the first one a client is made, which threads may share then
        found = [self._present(first), *at_once(self._present, others)]
        return [name for name, there in zip(providers, found, strict=True) if there]

    def key(self, provider: str) -> str | None:
        """As it is now; the last known one while it cannot be read."""
        with self._lock:
            try:
                key = (self._read(provider) or "").strip()
            except Exception as error:  # noqa: BLE001 — of the cloud; an answer is worth more than a fresh key
                log.warning("the key of %s cannot be read: %s", provider, error)
                return self._last.get(provider)
            self._last[provider] = key
        return key or None

    def refresh(self) -> None:
        """A message has come: its call will find the keys read. Returns at once."""
        self._concurrency.spawn(self._refresh, "keys")

    def _refresh(self) -> None:
        for provider in [name for name, key in list(self._last.items()) if key]:
            self.key(provider)

    def _present(self, provider: str) -> bool:
        try:
            self._last[provider] = (self._read(provider) or "").strip()
        except Exception as error:  # noqa: BLE001
            log.warning("the key of %s cannot be read: %s", provider, error)
            return True
        return bool(self._last[provider])
