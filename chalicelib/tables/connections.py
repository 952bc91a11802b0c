"""Open sockets and one-time tickets: rows of Connections.

A user's sockets are listed from a set on a row of the base table, because an index would lag behind a connection
that has just been made. Rows carry their own expiry: `$disconnect` is best effort and TTL is garbage collection.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.times import to_seconds, to_text
from chalicelib.errors import ConditionFailed, NotAllowed
from chalicelib.store import AtMost, Condition, Delete, Exists, Item, Missing, Put, Store, Table, Update

TICKET_LIFE = timedelta(seconds=30)
OPENING = timedelta(seconds=10)  # and the difference of two clocks
SOCKET_LIFE = timedelta(hours=2, minutes=10)  # API Gateway ends a socket after two hours


@dataclass(frozen=True)
class Connection:
    id: str
    user_id: str


@dataclass(frozen=True)
class Connections:
    store: Store

    def issue(self, ticket: str, user_id: str, origin: str, now: datetime) -> datetime:
        """Remembers a ticket by its hash only; its expiry."""
        expires = now + TICKET_LIFE
        facts = {"userId": user_id, "origin": origin, "expiresAt": to_seconds(expires)}
        self.store.write(Put(Table.CONNECTIONS, {**_ticket_key(ticket), **facts}))
        return expires

    def redeem(self, ticket: str, origin: str, now: datetime) -> str:
        """Whose ticket it is; it is gone then. Raises NotAllowed: unknown, used, late or of another origin."""
        row = self.store.get(Table.CONNECTIONS, _ticket_key(ticket))
        if row is None or row["expiresAt"] < to_seconds(now) or row["origin"] != origin:
            raise NotAllowed("the ticket is unknown, used or expired")
        try:
            self.store.write(Delete(Table.CONNECTIONS, _ticket_key(ticket), when=(Exists("connectionId"),)))
        except ConditionFailed:
            raise NotAllowed("the ticket was used already") from None
        return str(row["userId"])

    def open(self, connection: Connection, origin: str, now: datetime) -> None:
        row = {
            "connectionId": connection.id,
            "userId": connection.user_id,
            "origin": origin,
            "connectedAt": to_text(now),
            "expiresAt": to_seconds(now + SOCKET_LIFE),
        }
        listed = Update(Table.CONNECTIONS, _user_key(connection.user_id), insert={"open": frozenset({connection.id})})
        self.store.write(Put(Table.CONNECTIONS, row), listed)

    def owner(self, connection_id: str, now: datetime) -> str | None:
        row = self.store.get(Table.CONNECTIONS, {"connectionId": connection_id})
        return str(row["userId"]) if row and row["expiresAt"] >= to_seconds(now) else None

    def of(self, user_id: str) -> frozenset[str]:
        """Ids of the user's sockets; some may be gone, which a push finds out."""
        row: Item = self.store.get(Table.CONNECTIONS, _user_key(user_id)) or {}
        return frozenset(row.get("open", ()))

    def forget(self, connection: Connection) -> None:
        self._forget(connection)

    def forget_gone(self, connection: Connection, now: datetime) -> None:
        """A push found nobody there. One that was opened this very moment is spared: API Gateway knows a connection
        only after `$connect` has returned, and says until then that it is gone.

        Nothing is read: whose row it is only the row says, so no policy can let a bridge read one.
        """
        for when in (AtMost("connectedAt", to_text(now - OPENING)), Missing("connectionId")):
            with suppress(ConditionFailed):
                self._forget(connection, when)
                break

    def _forget(self, connection: Connection, *when: Condition) -> None:
        key = {"connectionId": connection.id}
        gone = Update(Table.CONNECTIONS, _user_key(connection.user_id), discard={"open": frozenset({connection.id})})
        self.store.write(Delete(Table.CONNECTIONS, key, when), gone)


def _ticket_key(ticket: str) -> dict[str, str]:
    return {"connectionId": f"ticket#{hashlib.sha256(ticket.encode()).hexdigest()}"}


def _user_key(user_id: str) -> dict[str, str]:
    return {"connectionId": f"user#{user_id}"}
