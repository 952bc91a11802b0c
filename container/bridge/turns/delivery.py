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
from chalicelib.logs import log_event
from chalicelib.ports import Clock, Push
from chalicelib.tables.connections import Connection
from chalicelib.tables.inbox import STEP
from chalicelib.tables.rows import Rows
from container.bridge.turns.channels import Channels

log = logging.getLogger(__name__)
LISTING_AGE = timedelta(seconds=1)  # of the list of open pages while an answer streams; a newer page asks for the rest


@dataclass
class Deliveries:
    user_id: str
    rows: Rows
    push: Push
    clock: Clock
    channels: Channels = field(default_factory=Channels)
    _listed: frozenset[str] = frozenset()
    _listed_at: datetime | None = field(default=None)

    def send(self, frame: Mapping[str, Any], *, fresh: bool = False) -> None:
        """One frame to every open page; `fresh` reads anew which ones there are."""
        for connection_id in sorted(self._pages(fresh)):
            self.reply(connection_id, frame)

    def look_again(self) -> None:
        """A turn begins, or a page wants to catch up: nobody who is there now may miss what comes next."""
        self._listed_at = None

    def reply(self, connection_id: str, frame: Mapping[str, Any]) -> None:
        """One frame to one page. A page that missed one is cut off: it comes back and asks for what it missed."""
        try:
            if self.push.send(connection_id, frame):
                return
        except AgentUnavailable as error:
            log.warning("push failed: %s", error)
            log_event(Event.PUSH_FAILED, self.user_id)
            self._cut(connection_id)
        else:
            self._forget(connection_id)

    def status(self, agent: Agent) -> None:
        """Who cannot be told now sees it later; nothing else depends on it."""
        try:
            self.send(protocol.status(agent, self.rows.starts.estimate(self.user_id)), fresh=True)
        except Exception:
            log.exception("nobody was told that the agent is %s", agent.state.value)
        self.channels.status(agent)

    def deliver(self, delivery: Delivery, answer: Entry) -> None:
        """A committed answer to its channel, then off the outbox. It stays there when an error is raised."""
        self._refresh()
        self.send(protocol.message(answer) if answer.role == "notice" else stream.end(answer))
        self.channels.carry(delivery, answer, self._deliver)

    def redeliver(self, delivery: Delivery) -> None:
        """An answer that was committed and not delivered: whole and with its question, as nobody may have seen it."""
        found = self.rows.conversations.entries(
            self.user_id, delivery.conversation_id, after=delivery.seq - STEP, before=delivery.seq + 1
        )
        if not delivery.mirror:  # the pages are told with the row of the channel in which it was asked
            self._refresh()
            for answer in found:
                self.send(protocol.message(answer))
        if found:
            self.channels.carry(delivery, found[-1], self._deliver)
        else:
            self._deliver(delivery)

    def _deliver(self, delivery: Delivery) -> None:
        if self.rows.answers.delivered(delivery):
            log_event(Event.ANSWER_DELIVERED, self.user_id, result=delivery.channel)

    def _pages(self, fresh: bool) -> frozenset[str]:
        if fresh or self._listed_at is None or self.clock() - self._listed_at > LISTING_AGE:
            try:
                self._refresh()
            except Exception:
                log.exception("the list of open pages is the old one")
        return self._listed

    def _refresh(self) -> None:
        self._listed, self._listed_at = self.rows.connections.of(self.user_id), self.clock()

    def _cut(self, connection_id: str) -> None:
        self._listed -= {connection_id}
        try:
            self.push.close(connection_id)
        except AgentUnavailable as error:
            log.warning("%s: without its row, its next frame ends it", error)
        try:
            self.rows.connections.forget(Connection(connection_id, self.user_id))
        except Exception:
            log.exception("a page that was cut off stays listed")

    def _forget(self, connection_id: str) -> None:
        try:
            self.rows.connections.forget_gone(Connection(connection_id, self.user_id), self.clock())
        except Exception:
            log.exception("a page that is gone stays listed")
