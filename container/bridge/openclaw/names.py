"""The names of a message's runs: OpenClaw answers a name that comes again with what became of it, for ever."""

from __future__ import annotations

from container.bridge.openclaw.history import count_runs, name_run
from container.bridge.openclaw.protocol import Json

MOST = 2  # runs under further names, after the ones before came to nothing


class Names:
    def __init__(self, message_id: str) -> None:
        self._message_id = message_id
        self._known = 0  # runs of the message that OpenClaw had from before
        self._anew = 0
        self.current = message_id

    @property
    def has_past(self) -> bool:
        return self._known > 0

    def learn(self, history: Json) -> None:
        self._known = max(self._known, count_runs(history, self._message_id))

    def choose(self) -> str:
        """One that OpenClaw has not lost yet."""
        self.current = name_run(self._message_id, max(self._known, self._anew))
        return self.current

    def renew(self) -> bool:
        """The run under the present name came to nothing; False when that was the last try."""
        self._anew += 1
        return self._anew <= MOST
