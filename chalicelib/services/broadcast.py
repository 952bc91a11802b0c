"""Telling all of a user's open pages something that they may miss: a status, a message from another device."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain import protocol
from chalicelib.domain.agent import Agent
from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery
from chalicelib.domain.signals import Event
from chalicelib.errors import AgentUnavailable
from chalicelib.logs import log_event
from chalicelib.ports import Clock, Push
from chalicelib.services.telegram_notice import TelegramNotice
from chalicelib.tables.connections import Connection, Connections
from chalicelib.tables.starts import Starts

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Broadcast:
    connections: Connections
    push: Push
    starts: Starts
    clock: Clock
    chats: Mapping[str, TelegramNotice] = field(default_factory=dict)  # by the name of the channel

    def status(self, agent: Agent) -> None:
        self.send(agent.user_id, protocol.status(agent, self.starts.estimate(agent.user_id)))

    def send(self, user_id: str, frame: Mapping[str, Any], *, but: str | None = None) -> None:
        for connection_id in sorted(self.connections.of(user_id) - {but}):
            self.reply(Connection(connection_id, user_id), frame)

    def notice(self, question: Entry, entry: Entry, delivery: Delivery) -> bool:
        """With the question: a page that missed it would show a notice about nothing. False: its chat was not told."""
        for each in (question, entry):
            self.send(delivery.user_id, protocol.message(each))
        chat = self.chats.get(delivery.channel)
        return chat is None or chat.tell(entry, delivery)

    def reply(self, connection: Connection, frame: Mapping[str, Any]) -> None:
        """One frame to one socket. A page that missed one is cut off: it comes back and asks for what it missed."""
        try:
            if self.push.send(connection.id, frame):
                return
        except AgentUnavailable as error:
            log.warning("push failed: %s", error, extra={"connection": connection.id})
            log_event(Event.PUSH_FAILED, connection.user_id)
            self._cut(connection)
            self.connections.forget(connection)
        else:
            self.connections.forget_gone(connection, self.clock())

    def _cut(self, connection: Connection) -> None:
        try:
            self.push.close(connection.id)
        except AgentUnavailable as error:
            log.warning("%s: without its row, its next frame ends it", error)
