"""Open sockets and one-time tickets: rows of Connections. Either ends with the identity that it was opened with.

A user's sockets are listed on a row of the base table, because an index would lag behind a connection that has just
been made: their ids in a set, and beside it when each ends, so that who sends to all reads one row. Rows carry their
own expiry: `$disconnect` is best effort and TTL is garbage collection. The user's row also has the moment since which
older identities are refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.identity import UserIdentity
from chalicelib.domain.times import to_seconds, to_text
from chalicelib.errors import ConditionFailed, NotAllowed, SignedOut
from chalicelib.store import (
    AtMost,
    Condition,
    Delete,
    Exists,
    Item,
    Missing,
    MissingOrBelow,
    Put,
    Store,
    Table,
    Update,
)

TICKET_LIFE = timedelta(seconds=30)
OPENING = timedelta(seconds=10)  # and the difference of two clocks
SOCKET_LIFE = timedelta(hours=2, minutes=10)  # API Gateway ends a socket after two hours
GOAWAY = timedelta(minutes=3)  # before its end a socket is told so, in three sweeps of the watchdog
NEVER = 2**40  # seconds: a socket that was listed before ends were kept
TICKET, USER = "ticket#", "user#"


@dataclass(frozen=True)
class Connection:
    id: str
    user_id: str


@dataclass(frozen=True)
class Ending:
    """A socket that ends soon, or has ended."""

    connection: Connection
    left: timedelta  # below zero: so long ago


@dataclass(frozen=True)
class Connections:
    store: Store

    def issue(self, ticket: str, identity: UserIdentity, origin: str, now: datetime) -> datetime:
        """Remembers a ticket by its hash only; its expiry."""
        expires = min(now + TICKET_LIFE, identity.ends_at)
        facts = {
            "userId": identity.user_id,
            "origin": origin,
            "expiresAt": to_seconds(expires),
            "signedInAt": to_seconds(identity.signed_in_at),
            "identityEndsAt": to_seconds(identity.ends_at),
        }
        self.store.write(Put(Table.CONNECTIONS, {**_ticket_key(ticket), **facts}))
        return expires

    def redeem(self, ticket: str, origin: str, now: datetime) -> UserIdentity:
        """Whose ticket it is; it is gone then. Raises NotAllowed: unknown, used, late or of another origin."""
        row = self.store.get(Table.CONNECTIONS, _ticket_key(ticket))
        if row is None or row["expiresAt"] < to_seconds(now) or row["origin"] != origin or "identityEndsAt" not in row:
            raise NotAllowed("the ticket is unknown, used or expired")
        try:
            self.store.write(Delete(Table.CONNECTIONS, _ticket_key(ticket), when=(Exists("connectionId"),)))
        except ConditionFailed:
            raise NotAllowed("the ticket was used already") from None
        return UserIdentity(str(row["userId"]), _moment(row["signedInAt"]), _moment(row["identityEndsAt"]))

    def open(self, connection_id: str, identity: UserIdentity, origin: str, now: datetime) -> None:
        """Raises SignedOut: a ticket of before is worth nothing, whenever it comes."""
        ends = to_seconds(min(now + SOCKET_LIFE, identity.ends_at))
        row = {
            "connectionId": connection_id,
            "userId": identity.user_id,
            "origin": origin,
            "connectedAt": to_text(now),
            "goawayAt": ends - min(GOAWAY // timedelta(seconds=1), (ends - to_seconds(now)) // 2),
            "expiresAt": ends,
        }
        listed = Update(
            Table.CONNECTIONS,
            _user_key(identity.user_id),
            set={_end_of(connection_id): ends},
            insert={"open": frozenset({connection_id})},
            when=(MissingOrBelow("signedOutAt", to_seconds(identity.signed_in_at)),),
        )
        try:
            self.store.write(Put(Table.CONNECTIONS, row), listed)
        except ConditionFailed:
            raise SignedOut from None

    def owner(self, connection_id: str, now: datetime) -> str | None:
        row = self.store.get(Table.CONNECTIONS, {"connectionId": connection_id})
        return str(row["userId"]) if row and row["expiresAt"] >= to_seconds(now) else None

    def ends(self, user_id: str) -> Mapping[str, int]:
        """The user's sockets, each with the second in which it ends; some may be gone, which a push finds out."""
        row: Item = self.store.get(Table.CONNECTIONS, _user_key(user_id)) or {}
        return _ends(row)

    def of(self, user_id: str, now: datetime) -> frozenset[str]:
        """Ids of the user's sockets that have not ended."""
        return running(self.ends(user_id), now)

    def admits(self, identity: UserIdentity) -> bool:
        """Whether the user has signed in since the last sign-out everywhere, if there was one. One read."""
        row: Item = self.store.get(Table.CONNECTIONS, _user_key(identity.user_id)) or {}
        return int(row.get("signedOutAt", -1)) < to_seconds(identity.signed_in_at)

    def sign_out(self, user_id: str, now: datetime) -> frozenset[str]:
        """From now on older identities open no socket; ids of those that are open."""
        cut = Update(Table.CONNECTIONS, _user_key(user_id), set={"signedOutAt": to_seconds(now)})
        return frozenset(_ends(self.store.write(cut)))

    def ending(self, now: datetime) -> Iterator[Ending]:
        """Sockets that are to be told that they end, or have ended; removes tickets that nobody has used."""
        for row in list(self.store.expiring(to_seconds(now + GOAWAY))):
            key, second = str(row["connectionId"]), to_seconds(now)
            if not key.startswith(TICKET) and row.get("goawayAt", row["expiresAt"]) <= second:
                yield Ending(Connection(key, str(row["userId"])), _moment(row["expiresAt"]) - now)
            elif key.startswith(TICKET) and row["expiresAt"] < second:
                self.store.write(Delete(Table.CONNECTIONS, {"connectionId": key}))

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
        gone = Update(
            Table.CONNECTIONS,
            _user_key(connection.user_id),
            remove=(_end_of(connection.id),),
            discard={"open": frozenset({connection.id})},
        )
        self.store.write(Delete(Table.CONNECTIONS, key, when), gone)


def _ticket_key(ticket: str) -> dict[str, str]:
    return {"connectionId": f"{TICKET}{hashlib.sha256(ticket.encode()).hexdigest()}"}


def _user_key(user_id: str) -> dict[str, str]:
    return {"connectionId": f"{USER}{user_id}"}


def running(ends: Mapping[str, int], now: datetime) -> frozenset[str]:
    return frozenset(each for each, end in ends.items() if end >= to_seconds(now))


def _ends(row: Item) -> dict[str, int]:
    return {each: int(row.get(_end_of(each), NEVER)) for each in row.get("open", ())}


def _end_of(connection_id: str) -> str:
    return f"ends#{connection_id}"


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
