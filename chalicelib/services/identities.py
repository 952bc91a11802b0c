"""Identities: which are admitted, the end of all of a user's at once, and sockets that outlive theirs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain import protocol
from chalicelib.domain.identity import UserIdentity, read_identity
from chalicelib.errors import AgentUnavailable, NotAllowed, SignedOut
from chalicelib.pages import Pages
from chalicelib.ports import Clock, UserPool
from chalicelib.tables.connections import Connection, Connections, Ending

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Identities:
    connections: Connections
    pages: Pages
    pool: UserPool
    clock: Clock

    def admit(self, claims: Mapping[str, Any]) -> UserIdentity:
        """Whose request it is, by claims that API Gateway has checked. Raises NotAllowed, SignedOut."""
        identity = read_identity(claims)
        if identity.ends_at <= self.clock():
            raise NotAllowed("the identity token has expired")
        if not self.connections.admits(identity):
            raise SignedOut
        return identity

    def sign_out(self, user_id: str) -> None:
        """Refuses every identity that the user has been given until now, and closes all sockets.

        The sign-in provider is told, too. When it does not hear, what it renews is refused all the same: a renewed
        token keeps the time of its sign-in.
        """
        for connection_id in sorted(self.connections.sign_out(user_id, self.clock())):
            self.pages.close(connection_id)
            self.connections.forget(Connection(connection_id, user_id))
        log.info("signed out everywhere", extra={"user": user_id})
        try:
            self.pool.sign_out(user_id)
        except AgentUnavailable as error:
            log.warning("refresh tokens stay, and renew nothing that we admit: %s", error, extra={"user": user_id})

    def sweep(self) -> None:
        """Tells sockets that their identity ends soon, and closes those whose has ended. May come twice, or late.

        Raises what the store raises, when all have been looked after.
        """
        failures: list[Exception] = []
        for ending in self.connections.ending(self.clock()):
            try:
                self._end(ending)
            except Exception as error:
                log.exception("a socket stays", extra={"connection": ending.connection.id})
                failures.append(error)
        if failures:
            raise failures[0]

    def _end(self, ending: Ending) -> None:
        connection, left = ending.connection, ending.left
        if left > timedelta():
            self.pages.reply(connection, protocol.goaway("identity", left))
        elif self.pages.close(connection.id):
            self.connections.forget(connection)
