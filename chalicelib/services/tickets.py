"""Tickets: an authorised REST call gets one, the socket is opened with it, once, within half a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.ports import Clock, NewId
from chalicelib.tables.connections import Connections


@dataclass(frozen=True)
class Ticket:
    ticket: str
    expires_at: datetime


@dataclass(frozen=True)
class Tickets:
    connections: Connections
    web_origin: str
    clock: Clock
    new_ticket: NewId  # 32 random bytes in hex

    def issue(self, user_id: str) -> Ticket:
        """For one socket, within 30 seconds."""
        ticket = self.new_ticket()
        return Ticket(ticket, self.connections.issue(ticket, user_id, self.web_origin, self.clock()))
