"""Bringing frames to the user's open pages, and committed answers off the outbox.

A page that is gone is not a delivered answer, and needs none: it gets the answer from history when it comes back.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain import protocol, stream
from chalicelib.domain.agent import Agent
from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery
from chalicelib.domain.signals import Event
from chalicelib.errors import AgentUnavailable
from chalicelib.logs import tell
from chalicelib.ports import Clock, Push
from chalicelib.state.connections import Connection
from container.bridge.rows import Rows

log = logging.getLogger(__name__)
LISTING_AGE = timedelta(seconds=1)  # of the list of open pages while an answer streams; a newer page asks for the rest


@dataclass
class Deliveries:
    user_id: str
    rows: Rows
    push: Push
    clock: Clock
    _listed: frozenset[str] = frozenset()
    _listed_at: datetime | None = field(default=None)

    def send(self, frame: Mapping[str, Any], *, fresh: bool = False) -> None:
        """One frame to every open page; `fresh` reads anew which ones there are."""
        for connection_id in sorted(self._pages(fresh)):
            self.reply(connection_id, frame)

    def refresh(self) -> None:
        """A turn begins, or a page wants to catch up: nobody who is there now may miss what comes next."""
        self._listed, self._listed_at = self.rows.connections.of(self.user_id), self.clock()

    def reply(self, connection_id: str, frame: Mapping[str, Any]) -> None:
        """One frame to one page. A push that fails is left to `resume`; it never ends the turn."""
        try:
            if not self.push.send(connection_id, frame):
                self._listed -= {connection_id}
                self.rows.connections.forget(Connection(connection_id, self.user_id))
        except AgentUnavailable as error:
            log.warning("push failed: %s", error)
            tell(Event.PUSH_FAILED, self.user_id)

    def status(self, agent: Agent) -> None:
        self.send(protocol.status(agent, self.rows.starts.estimate(self.user_id)), fresh=True)

    def deliver(self, delivery: Delivery, answer: Entry) -> None:
        """A committed answer to its channel, then off the outbox."""
        self.send(protocol.message(answer) if answer.role == "notice" else stream.end(answer), fresh=True)
        self._deliver(delivery)

    def redeliver(self, delivery: Delivery) -> None:
        """An answer that an earlier container committed and did not deliver: whole, because nobody saw it stream."""
        found = self.rows.conversations.entries(
            self.user_id, delivery.conversation_id, after=delivery.seq - 1, before=delivery.seq + 1
        )
        for answer in found:
            self.send(protocol.message(answer), fresh=True)
        self._deliver(delivery)

    def _deliver(self, delivery: Delivery) -> None:
        if self.rows.answers.delivered(delivery):
            tell(Event.ANSWER_DELIVERED, self.user_id, result=delivery.channel)

    def _pages(self, fresh: bool) -> frozenset[str]:
        if fresh or self._listed_at is None or self.clock() - self._listed_at > LISTING_AGE:
            self.refresh()
        return self._listed
