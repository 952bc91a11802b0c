"""Requests for a backup: a time on the row of an agent that runs, which its bridge takes away when it has made one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.times import to_text
from chalicelib.errors import ConditionFailed
from chalicelib.store import Equals, Store, Table
from chalicelib.tables.agents import agent_key, change

ASKED = "backupAskedAt"


@dataclass(frozen=True)
class BackupRequests:
    store: Store

    def request(self, agent: Agent, now: datetime) -> bool:
        """False when the agent does not run any more."""
        running = (Equals("status", State.RUNNING.value),)
        try:
            self.store.write(change(agent.user_id, agent.epoch, running, set={ASKED: to_text(now)}))
        except ConditionFailed:
            return False
        return True

    def requested_at(self, user_id: str) -> str | None:
        row = self.store.get(Table.TASK_STATE, agent_key(user_id)) or {}
        found: str | None = row.get(ASKED)
        return found

    def done(self, user_id: str, epoch: int, requested_at: str) -> None:
        """That request, not one that came later."""
        try:
            self.store.write(change(user_id, epoch, (Equals(ASKED, requested_at),), remove=(ASKED,)))
        except ConditionFailed:
            return
