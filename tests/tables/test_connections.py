"""One-time tickets and open sockets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.domain.identity import UserIdentity
from chalicelib.errors import NotAllowed, SignedOut
from chalicelib.store import Put, Store, Table, Update
from chalicelib.tables.connections import GOAWAY, SOCKET_LIFE, TICKET_LIFE, Connection, Connections
from tests.fakes.clock import NOON
from tests.fakes.identity import identity
from tests.fakes.store import MemoryStore

ORIGIN = "https://agent.example"
ADA = identity("ada", NOON, timedelta(hours=3))
HOUR = timedelta(hours=1)
PHONE, LAPTOP = Connection("phone=", "ada"), Connection("laptop=", "ada")


@pytest.fixture
def connections(store: Store) -> Connections:
    return Connections(store)


def test_a_ticket_lives_for_half_a_minute(connections: Connections) -> None:
    assert connections.issue("secret", ADA, ORIGIN, NOON) == NOON + timedelta(seconds=30)
    assert connections.redeem("secret", ORIGIN, NOON + TICKET_LIFE) == ADA


def test_a_ticket_is_good_once(connections: Connections) -> None:
    connections.issue("secret", ADA, ORIGIN, NOON)
    assert connections.redeem("secret", ORIGIN, NOON) == ADA
    with pytest.raises(NotAllowed):
        connections.redeem("secret", ORIGIN, NOON)


def test_of_many_who_hold_a_ticket_one_gets_in(connections: Connections) -> None:
    connections.issue("secret", ADA, ORIGIN, NOON)

    def enter(_: int) -> bool:
        try:
            return connections.redeem("secret", ORIGIN, NOON) == ADA
        except NotAllowed:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(enter, range(8))) == 1


class Behind(MemoryStore):
    """Reads as things were before somebody else redeemed the ticket."""

    def get(self, table: object, key: object) -> dict[str, object]:
        return {"userId": "ada", "origin": ORIGIN, "expiresAt": 2**33, "signedInAt": 0, "identityEndsAt": 2**33}


def test_a_ticket_that_is_redeemed_between_read_and_write_is_used() -> None:
    with pytest.raises(NotAllowed, match="used already"):
        Connections(Behind()).redeem("secret", ORIGIN, NOON)


@pytest.mark.parametrize(
    ("ticket", "origin", "late"),
    [
        ("guess", ORIGIN, timedelta()),
        ("", ORIGIN, timedelta()),
        ("secret", "https://evil.example", timedelta()),
        ("secret", "", timedelta()),
        ("secret", ORIGIN, TICKET_LIFE + timedelta(seconds=1)),
    ],
)
def test_a_ticket_that_does_not_hold_opens_nothing(
    connections: Connections, ticket: str, origin: str, late: timedelta
) -> None:
    connections.issue("secret", ADA, ORIGIN, NOON)
    with pytest.raises(NotAllowed):
        connections.redeem(ticket, origin, NOON + late)


def test_a_ticket_is_kept_as_a_hash_only(memory: MemoryStore) -> None:
    Connections(memory).issue("secret", ADA, ORIGIN, NOON)
    assert "secret" not in str(memory.rows)


def test_an_open_socket_has_an_owner(connections: Connections) -> None:
    assert connections.owner(PHONE.id, NOON) is None
    connections.open(PHONE.id, ADA, ORIGIN, NOON)
    assert connections.owner(PHONE.id, NOON) == "ada"


def test_a_socket_whose_time_is_over_has_no_owner_though_its_row_is_there(connections: Connections) -> None:
    connections.open(PHONE.id, ADA, ORIGIN, NOON)
    assert connections.owner(PHONE.id, NOON + SOCKET_LIFE) == "ada"
    assert connections.owner(PHONE.id, NOON + SOCKET_LIFE + timedelta(seconds=1)) is None


def test_a_users_sockets_are_known_at_once(connections: Connections) -> None:
    assert connections.of("ada", NOON) == frozenset()
    connections.open(PHONE.id, ADA, ORIGIN, NOON)
    connections.open(LAPTOP.id, ADA, ORIGIN, NOON)
    connections.open("other=", identity("bob", NOON), ORIGIN, NOON)
    assert connections.of("ada", NOON) == {PHONE.id, LAPTOP.id}


def test_a_socket_that_is_forgotten_is_forgotten_everywhere(connections: Connections) -> None:
    connections.open(PHONE.id, ADA, ORIGIN, NOON)
    connections.open(LAPTOP.id, ADA, ORIGIN, NOON)
    connections.forget(PHONE)
    connections.forget(PHONE)
    assert connections.of("ada", NOON) == {LAPTOP.id}
    assert connections.owner(PHONE.id, NOON) is None
    connections.forget(LAPTOP)
    assert connections.of("ada", NOON) == frozenset()


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_ticket_ends_with_the_identity_that_asked_for_it(connections: Connections) -> None:
    assert connections.issue("secret", identity("ada", NOON, seconds(10)), ORIGIN, NOON) == NOON + seconds(10)
    with pytest.raises(NotAllowed):
        connections.redeem("secret", ORIGIN, NOON + seconds(11))


def test_a_socket_ends_with_the_identity_that_opened_it(connections: Connections) -> None:
    connections.open(PHONE.id, identity("ada", NOON, HOUR), ORIGIN, NOON)
    connections.open(LAPTOP.id, ADA, ORIGIN, NOON)
    assert connections.owner(PHONE.id, NOON + HOUR) == "ada"
    later = NOON + HOUR + seconds(1)
    assert connections.owner(PHONE.id, later) is None
    assert connections.of("ada", later) == {LAPTOP.id}


def test_a_socket_that_was_listed_before_ends_were_kept_is_still_listed(connections: Connections) -> None:
    key = {"connectionId": "user#ada"}
    connections.store.write(Update(Table.CONNECTIONS, key, insert={"open": frozenset({"old="})}))
    assert connections.of("ada", NOON) == {"old="}


def ending(connections: Connections, after: timedelta) -> list[tuple[str, float]]:
    return [(each.connection.id, each.left.total_seconds()) for each in connections.ending(NOON + after)]


def test_sockets_are_told_before_they_end_and_are_found_until_they_are_forgotten(connections: Connections) -> None:
    connections.open(PHONE.id, identity("ada", NOON, HOUR), ORIGIN, NOON)
    connections.open(LAPTOP.id, ADA, ORIGIN, NOON)
    assert ending(connections, HOUR - GOAWAY - seconds(1)) == []
    assert ending(connections, HOUR - GOAWAY) == [(PHONE.id, 180)]
    assert ending(connections, HOUR + seconds(90)) == [(PHONE.id, -90)]
    connections.forget(PHONE)
    assert ending(connections, HOUR + seconds(90)) == []


def test_a_socket_of_some_seconds_is_told_in_the_second_half_of_them(connections: Connections) -> None:
    connections.open(PHONE.id, identity("ada", NOON, seconds(20)), ORIGIN, NOON)
    assert ending(connections, seconds(9)) == []
    assert ending(connections, seconds(10)) == [(PHONE.id, 10)]


def test_a_row_of_before_is_found_when_its_time_is_over(connections: Connections) -> None:
    old = {"connectionId": "old=", "userId": "ada", "expiresAt": int(NOON.timestamp()) + 60}
    connections.store.write(Put(Table.CONNECTIONS, old))
    assert (ending(connections, seconds(59)), ending(connections, seconds(61))) == ([], [("old=", -1)])


def test_tickets_that_nobody_used_do_not_pile_up(memory: MemoryStore) -> None:
    connections = Connections(memory)
    connections.issue("secret", ADA, ORIGIN, NOON)
    assert ending(connections, TICKET_LIFE) == []
    assert len(memory.rows) == 1
    assert ending(connections, TICKET_LIFE + seconds(1)) == []
    assert memory.rows == {}


def test_who_signs_out_everywhere_ends_all_identities_of_before(connections: Connections) -> None:
    connections.issue("secret", ADA, ORIGIN, NOON)
    connections.open(PHONE.id, ADA, ORIGIN, NOON)
    assert connections.admits(ADA)
    assert connections.sign_out("ada", NOON + seconds(5)) == {PHONE.id}
    assert not connections.admits(ADA)
    assert not connections.admits(UserIdentity("ada", NOON + seconds(5), ADA.ends_at))  # the same second
    assert connections.admits(UserIdentity("ada", NOON + seconds(6), ADA.ends_at))
    assert connections.admits(identity("bob", NOON))


def test_a_ticket_of_before_opens_nothing_after_a_sign_out_everywhere(connections: Connections) -> None:
    connections.issue("secret", ADA, ORIGIN, NOON)
    mine = connections.redeem("secret", ORIGIN, NOON)
    connections.sign_out("ada", NOON)
    with pytest.raises(SignedOut):
        connections.open(LAPTOP.id, mine, ORIGIN, NOON)
    assert (connections.owner(LAPTOP.id, NOON), connections.of("ada", NOON)) == (None, frozenset())


def test_nobody_is_signed_out_who_has_no_row_yet(connections: Connections) -> None:
    assert connections.admits(ADA)
    assert connections.sign_out("ada", NOON) == frozenset()
    assert not connections.admits(ADA)
