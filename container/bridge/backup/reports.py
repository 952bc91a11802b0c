"""Backups and people: notes go to the agent's row and to the open pages, asks come from the row."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chalicelib.tables.backup_requests import BackupRequests
from container.bridge.turns.delivery import Deliveries

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RowTalk:
    """No backup depends on it: what goes wrong here is logged."""

    epoch: int
    deliveries: Deliveries
    requests: BackupRequests

    def say(self, note: str | None) -> None:
        try:
            if agent := self.deliveries.rows.agents.set_note(self.deliveries.user_id, self.epoch, note):
                self.deliveries.status(agent)
        except Exception:
            log.exception("the note %r reached nobody", note)

    def asked(self) -> str | None:
        try:
            return self.requests.requested_at(self.deliveries.user_id)
        except Exception:
            log.exception("the row could not be read")
            return None

    def answered(self, asked: str) -> None:
        try:
            self.requests.done(self.deliveries.user_id, self.epoch, asked)
        except Exception:
            log.exception("the ask of %s stays and will be answered again", asked)
