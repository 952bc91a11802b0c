"""Asking a running bridge for a backup: a time on the agent's row, which the bridge takes away when it has made one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.times import to_text
from chalicelib.errors import ConditionFailed
from chalicelib.ports import Equals, Store, Table
from chalicelib.state.agents import agent_key, change

ASKED = "backupAskedAt"


@dataclass(frozen=True)
class BackupAsks:
    store: Store

    def ask(self, agent: Agent, now: datetime) -> bool:
        """False when the agent does not run any more."""
        running = (Equals("status", State.RUNNING.value),)
        try:
            self.store.write(change(agent.user_id, agent.epoch, running, set={ASKED: to_text(now)}))
        except ConditionFailed:
            return False
        return True

    def asked(self, user_id: str) -> str | None:
        row = self.store.get(Table.TASK_STATE, agent_key(user_id)) or {}
        found: str | None = row.get(ASKED)
        return found

    def answered(self, user_id: str, epoch: int, asked: str) -> None:
        """That ask, not one that came later."""
        try:
            self.store.write(change(user_id, epoch, (Equals(ASKED, asked),), remove=(ASKED,)))
        except ConditionFailed:
            return
