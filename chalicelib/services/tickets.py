"""Tickets: an authorised REST call gets one, the socket is opened with it, once, within half a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.identity import UserIdentity
from chalicelib.domain.limits import TICKETS
from chalicelib.ports import Clock, NewId
from chalicelib.services.rate_limits import RateLimits
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
    limits: RateLimits

    def issue(self, identity: UserIdentity) -> Ticket:
        """For one socket, within 30 seconds; the socket ends when the identity does. Raises RateLimited."""
        self.limits.take(identity.user_id, TICKETS)
        ticket = self.new_ticket()
        return Ticket(ticket, self.connections.issue(ticket, identity, self.web_origin, self.clock()))
