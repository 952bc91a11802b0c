"""The open pages of a user: frames to all of them, or to one.

A page that missed a frame is cut off, one that is gone is forgotten. Who was cut off comes back and asks for what it
missed; so a push is never repeated, and never holds up anything else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain import protocol
from chalicelib.domain.agent import Agent
from chalicelib.domain.signals import Event
from chalicelib.errors import AgentUnavailable
from chalicelib.logs import log_event
from chalicelib.ports import Clock, Push
from chalicelib.tables.connections import Connection, Connections
from chalicelib.tables.starts import Starts

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pages:
    connections: Connections
    starts: Starts
    push: Push
    clock: Clock

    def status(self, agent: Agent) -> None:
        """The agent's state to all pages of its user. Raises what the store raises."""
        self.send(agent.user_id, protocol.status(agent, self.starts.estimate(agent.user_id)))

    def send(self, user_id: str, frame: Mapping[str, Any], *, but: str | None = None) -> None:
        """One frame to every page, `but` one connection. Raises what the store raises when it does not list them."""
        self.spread(user_id, self.connections.of(user_id, self.clock()) - {but}, frame)

    def spread(self, user_id: str, connection_ids: Iterable[str], frame: Mapping[str, Any]) -> None:
        """One frame to these pages, in an order that is the same each time."""
        for connection_id in sorted(connection_ids):
            self.reply(Connection(connection_id, user_id), frame)

    def reply(self, connection: Connection, frame: Mapping[str, Any]) -> bool:
        """One frame to one page; False when the page is not there any more. Raises nothing."""
        try:
            if self.push.send(connection.id, frame):
                return True
        except AgentUnavailable as error:
            log.warning("push failed: %s", error, extra={"connection": connection.id})
            log_event(Event.PUSH_FAILED, connection.user_id)
            self.close(connection.id)
            self._forget(connection, cut=True)
        else:
            self._forget(connection, cut=False)
        return False

    def close(self, connection_id: str) -> bool:
        """Ends a socket; False when it stays open for now: without its row its next frame ends it, too."""
        try:
            self.push.close(connection_id)
        except AgentUnavailable as error:
            log.warning("a socket stays open: %s", error, extra={"connection": connection_id})
            return False
        return True

    def _forget(self, connection: Connection, *, cut: bool) -> None:
        try:
            if cut:
                self.connections.forget(connection)
            else:
                self.connections.forget_gone(connection, self.clock())
        except Exception:
            log.exception("a page that is gone stays listed", extra={"connection": connection.id})
