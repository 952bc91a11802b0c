"""Intake: what a page or a chat sends becomes a message of the inbox, as far as its user's limits go."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.agent import Agent
from chalicelib.domain.inbox import Accepted, Draft
from chalicelib.domain.limits import CONVERSATIONS, MESSAGES, TURNS
from chalicelib.errors import RateLimited
from chalicelib.ports import Clock
from chalicelib.services.rate_limits import RateLimits
from chalicelib.services.wake import Wake
from chalicelib.tables.conversations import Conversations
from chalicelib.tables.inbox import Inbox


@dataclass(frozen=True)
class Intake:
    inbox: Inbox
    conversations: Conversations
    limits: RateLimits
    wake: Wake
    clock: Clock

    def accept(self, draft: Draft, message_id: str) -> Accepted:
        """Durable from then on. Raises RateLimited, with nothing kept; what was accepted before has its receipt."""
        try:
            self._spend(draft)
        except RateLimited:
            if not self.inbox.knows(draft.user_id, draft.key):
                raise
        return self.inbox.accept(draft, message_id, self.clock(), self.limits.table[TURNS])

    def join(self, draft: Draft) -> Accepted | None:
        """As a part of a message that waits. Raises ConditionFailed when that has changed meanwhile."""
        return self.inbox.join(draft, self.clock())

    def rouse(self, user_id: str, seen: Agent | None = None) -> Agent:
        """Somebody will look into the inbox."""
        return self.wake.wake(user_id, seen)

    def _spend(self, draft: Draft) -> None:
        self.limits.take(draft.user_id, MESSAGES)
        if self._is_new(draft):
            self.limits.take(draft.user_id, CONVERSATIONS)

    def _is_new(self, draft: Draft) -> bool:
        """A conversation has no row before its first answer."""
        if self.conversations.get(draft.user_id, draft.conversation_id):
            return False
        return all(each.conversation_id != draft.conversation_id for each in self.inbox.pending(draft.user_id))
