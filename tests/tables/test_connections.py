"""One-time tickets and open sockets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.errors import NotAllowed
from chalicelib.store import Store
from chalicelib.tables.connections import SOCKET_LIFE, TICKET_LIFE, Connection, Connections
from tests.fakes.clock import NOON
from tests.fakes.store import MemoryStore

ORIGIN = "https://agent.example"
PHONE, LAPTOP = Connection("phone=", "ada"), Connection("laptop=", "ada")


@pytest.fixture
def connections(store: Store) -> Connections:
    return Connections(store)


def test_a_ticket_lives_for_half_a_minute(connections: Connections) -> None:
    assert connections.issue("secret", "ada", ORIGIN, NOON) == NOON + timedelta(seconds=30)
    assert connections.redeem("secret", ORIGIN, NOON + TICKET_LIFE) == "ada"


def test_a_ticket_is_good_once(connections: Connections) -> None:
    connections.issue("secret", "ada", ORIGIN, NOON)
    assert connections.redeem("secret", ORIGIN, NOON) == "ada"
    with pytest.raises(NotAllowed):
        connections.redeem("secret", ORIGIN, NOON)


def test_of_many_who_hold_a_ticket_one_gets_in(connections: Connections) -> None:
    connections.issue("secret", "ada", ORIGIN, NOON)

    def enter(_: int) -> bool:
        try:
            return connections.redeem("secret", ORIGIN, NOON) == "ada"
        except NotAllowed:
            return False

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(enter, range(8))) == 1


class Behind(MemoryStore):
    """Reads as things were before somebody else redeemed the ticket."""

    def get(self, table: object, key: object) -> dict[str, object]:
        return {"userId": "ada", "origin": ORIGIN, "expiresAt": 2**40}


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
    connections.issue("secret", "ada", ORIGIN, NOON)
    with pytest.raises(NotAllowed):
        connections.redeem(ticket, origin, NOON + late)


def test_a_ticket_is_kept_as_a_hash_only(memory: MemoryStore) -> None:
    Connections(memory).issue("secret", "ada", ORIGIN, NOON)
    assert "secret" not in str(memory.rows)


def test_an_open_socket_has_an_owner(connections: Connections) -> None:
    assert connections.owner(PHONE.id, NOON) is None
    connections.open(PHONE, ORIGIN, NOON)
    assert connections.owner(PHONE.id, NOON) == "ada"


def test_a_socket_whose_time_is_over_has_no_owner_though_its_row_is_there(connections: Connections) -> None:
    connections.open(PHONE, ORIGIN, NOON)
    assert connections.owner(PHONE.id, NOON + SOCKET_LIFE) == "ada"
    assert connections.owner(PHONE.id, NOON + SOCKET_LIFE + timedelta(seconds=1)) is None


def test_a_users_sockets_are_known_at_once(connections: Connections) -> None:
    assert connections.of("ada") == frozenset()
    connections.open(PHONE, ORIGIN, NOON)
    connections.open(LAPTOP, ORIGIN, NOON)
    connections.open(Connection("other=", "bob"), ORIGIN, NOON)
    assert connections.of("ada") == {PHONE.id, LAPTOP.id}


def test_a_socket_that_is_forgotten_is_forgotten_everywhere(connections: Connections) -> None:
    connections.open(PHONE, ORIGIN, NOON)
    connections.open(LAPTOP, ORIGIN, NOON)
    connections.forget(PHONE)
    connections.forget(PHONE)
    assert connections.of("ada") == {LAPTOP.id}
    assert connections.owner(PHONE.id, NOON) is None
    connections.forget(LAPTOP)
    assert connections.of("ada") == frozenset()
