"""What the agent asks its owner: rows `question#<id>` of PendingMessages, so that a bridge's look into its inbox finds
the decisions. Written by the bridge that runs the turn, decided once by whoever answers first, gone with the turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.agent import State
from chalicelib.domain.times import to_seconds
from chalicelib.domain.turn import Decision
from chalicelib.errors import ConditionFailed
from chalicelib.store import AtMost, Check, Delete, Equals, Exists, Item, Missing, Put, Store, Table, Update
from chalicelib.tables.agents import agent_key

PREFIX = "question"
RUNNING = State.RUNNING.value
KEPT = timedelta(days=1)  # of a row that nobody took away


@dataclass(frozen=True)
class AskedApproval:
    """An approval that a turn of this epoch waits for, or waited for."""

    user_id: str
    id: str
    epoch: int
    conversation_id: str
    turn: str  # the id of the message that it answers
    command: str
    decision: Decision | None = None


@dataclass(frozen=True)
class Approvals:
    store: Store

    def ask(self, asked: AskedApproval, now: datetime) -> None:
        """Once; again changes nothing."""
        place = {"conversationId": asked.conversation_id, "turn": asked.turn, "epoch": asked.epoch}
        facts = {"command": asked.command, "expiresAt": to_seconds(now + KEPT)}
        try:
            row = {**_key(asked.user_id, asked.id), **place, **facts}
            self.store.write(Put(Table.PENDING_MESSAGES, row, (Missing("userId"),)))
        except ConditionFailed:
            return

    def decide(self, user_id: str, approval_id: str, decision: Decision) -> str | None:
        """The first decision counts. The command; None where nobody waits for it, or it was decided otherwise."""
        key = _key(user_id, approval_id)
        row = self.store.get(Table.PENDING_MESSAGES, key)
        if row is None:
            return None
        open_ = (Exists("userId"), Missing("decision"))
        lives = Check(Table.TASK_STATE, agent_key(user_id), (Equals("epoch", row["epoch"]), Equals("status", RUNNING)))
        try:
            self.store.write(Update(Table.PENDING_MESSAGES, key, set={"decision": decision}, when=open_), lives)
        except ConditionFailed:
            row = self.store.get(Table.PENDING_MESSAGES, key) or {}
            return str(row["command"]) if row.get("decision") == decision else None
        return str(row["command"])

    def forget(self, user_id: str, approval_id: str, epoch: int) -> None:
        """Nobody of this epoch, or of an earlier one, waits for it any more."""
        try:
            self.store.write(Delete(Table.PENDING_MESSAGES, _key(user_id, approval_id), (AtMost("epoch", epoch),)))
        except ConditionFailed:
            return


def read_asked(item: Item) -> AskedApproval:
    return AskedApproval(
        user_id=item["userId"],
        id=item["sk"].split("#", 1)[1],
        epoch=item["epoch"],
        conversation_id=item["conversationId"],
        turn=item["turn"],
        command=item["command"],
        decision=item.get("decision"),
    )


def _key(user_id: str, approval_id: str) -> dict[str, str]:
    return {"userId": user_id, "sk": f"{PREFIX}#{approval_id}"}
