"""Backups and people: notes go to the agent's row and to whoever shows its status, requests come from the row."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chalicelib.tables.agents import Agents
from chalicelib.tables.backup_requests import BackupRequests
from container.bridge.ports import Owner, ShowStatus

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RowReports:
    """No backup depends on it: what goes wrong here is logged."""

    owner: Owner
    agents: Agents
    requests: BackupRequests
    show: ShowStatus

    def note(self, note: str | None) -> None:
        try:
            if agent := self.agents.set_note(self.owner.user_id, self.owner.epoch, note):
                self.show(agent)
        except Exception:
            log.exception("the note %r reached nobody", note)

    def asked(self) -> str | None:
        try:
            return self.requests.requested_at(self.owner.user_id)
        except Exception:
            log.exception("the row could not be read")
            return None

    def answered(self, asked: str) -> None:
        try:
            self.requests.done(self.owner.user_id, self.owner.epoch, asked)
        except Exception:
            log.exception("the request of %s stays and will be answered again", asked)
