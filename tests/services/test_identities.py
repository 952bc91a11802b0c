"""Identities that are admitted, that end, and that are all ended at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.identity import UserIdentity
from chalicelib.errors import NotAllowed, SignedOut
from chalicelib.services.identities import Identities
from tests.fakes.identity import LIFE, claims
from tests.fakes.world import USER, World

FEW = timedelta(seconds=20)


def identities(world: World) -> Identities:
    return world.services.identities


def sweep(world: World, **later: float) -> None:
    world.clock.advance(**later)
    world.services.watchdog.run()


def test_claims_are_read_as_the_authorizer_writes_them(world: World) -> None:
    written = {
        "sub": "ada",
        "token_use": "id",
        "auth_time": "1767261600",
        "iat": "Thu Jan 01 12:00:00 UTC 2026",
        "exp": "Thu Jan 01 13:00:00 UTC 2026",
    }
    now = world.clock()
    expected = UserIdentity("ada", now - timedelta(hours=2), now + timedelta(hours=1))
    assert identities(world).admit(written) == expected
    assert identities(world).admit(written | {"exp": str(int(expected.ends_at.timestamp()))}) == expected


def test_without_the_time_of_the_sign_in_that_of_the_token_counts(world: World) -> None:
    written = claims(USER, world.clock())
    del written["auth_time"]
    assert identities(world).admit(written).signed_in_at == world.clock()


@pytest.mark.parametrize(
    "odd",
    [
        {"exp": None},
        {"exp": ""},
        {"exp": "soon"},
        {"exp": "9" * 400},
        {"exp": "-1"},
        {"exp": "1" * 18},
        {"auth_time": "never"},
        {"token_use": "access"},
        {"token_use": None},
    ],
    ids=str,
)
def test_claims_that_do_not_say_who_and_how_long_are_nobodys(world: World, odd: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        identities(world).admit(claims(USER, world.clock()) | odd)


def test_an_identity_is_admitted_until_it_ends(world: World) -> None:
    written = claims(USER, world.clock())
    world.clock.advance(minutes=59, seconds=59)
    assert identities(world).admit(written).user_id == USER
    world.clock.advance(seconds=1)
    with pytest.raises(NotAllowed, match="expired"):
        identities(world).admit(written)


def test_a_socket_is_told_before_its_identity_ends_and_closed_after_it(world: World) -> None:
    sweep(world, minutes=56)
    assert "goaway" not in world.push.types("laptop")
    sweep(world, minutes=1, seconds=1)
    assert world.push.last("laptop", "goaway") == {"type": "goaway", "reason": "identity", "withinMs": 179_000}
    assert world.push.closed == []
    sweep(world, minutes=3)
    assert world.push.closed == ["laptop"]
    assert world.services.rows.connections.ends(USER) == {}
    sweep(world, minutes=1)
    assert world.push.closed == ["laptop"]


def test_a_page_whose_identity_is_over_gets_nothing_more_also_before_it_is_closed(world: World) -> None:
    world.connect("brief", life=FEW)
    world.send(1)
    heard = len(world.push.frames["brief"])
    world.clock.advance(seconds=21)
    world.send(2)
    world.services.lifecycle.start(USER)
    assert len(world.push.frames["brief"]) == heard
    assert "message" not in world.push.types("laptop")  # it wrote them itself
    assert world.push.types("laptop").count("ack") == 2


def test_a_socket_that_cannot_be_closed_now_is_closed_by_the_next_sweep(world: World) -> None:
    world.connect("brief", life=FEW)
    world.push.held.add("brief")
    sweep(world, seconds=60)
    assert "brief" not in world.push.closed
    world.push.held.clear()
    sweep(world, seconds=60)
    assert "brief" in world.push.closed


def test_a_socket_that_cannot_be_ended_keeps_no_other_from_its_end(world: World) -> None:
    for name in ("a", "b", "c"):
        world.connect(name, life=FEW)
    world.push.broken.add("b")
    with pytest.raises(RuntimeError):
        sweep(world, seconds=60)
    assert {"a", "c"} <= set(world.push.closed)


def test_sockets_are_looked_after_also_while_ecs_does_not_answer(world: World) -> None:
    world.connect("brief", life=FEW)
    world.tasks.answers = False
    sweep(world, seconds=30)
    assert world.push.closed == ["brief"]


def test_a_row_whose_socket_closed_without_a_word_is_swept_away(world: World) -> None:
    world.push.gone.add("laptop")
    sweep(world, hours=1, seconds=1)
    assert world.services.rows.connections.ends(USER) == {}


def test_signing_out_everywhere_closes_all_sockets_at_once_and_refuses_what_was_given(world: World) -> None:
    before = claims(USER, world.clock())
    world.connect("phone")
    world.connect("bobs", "bob")
    world.clock.advance(seconds=1)
    identities(world).sign_out(USER)
    assert sorted(world.push.closed) == ["laptop", "phone"]
    assert world.pool.signed_out == [USER]
    with pytest.raises(SignedOut):
        identities(world).admit(before)
    renewed = claims(USER, world.clock(), signed_in_at=world.clock() - timedelta(seconds=1))
    with pytest.raises(SignedOut):
        identities(world).admit(renewed)
    assert identities(world).admit(claims("bob", world.clock(), LIFE)).user_id == "bob"
    world.clock.advance(seconds=1)
    assert identities(world).admit(claims(USER, world.clock())).user_id == USER


def test_a_provider_that_does_not_hear_changes_nothing_for_us(world: World) -> None:
    before = claims(USER, world.clock())
    world.pool.answers = False
    identities(world).sign_out(USER)
    with pytest.raises(SignedOut):
        identities(world).admit(before)


def test_a_ticket_of_before_the_sign_out_opens_nothing_after_it(world: World) -> None:
    ticket = world.services.tickets.issue(identities(world).admit(claims(USER, world.clock()))).ticket
    identities(world).sign_out(USER)
    with pytest.raises(SignedOut):
        world.services.chat.connect("late", ticket, "https://agent.example")
    assert world.services.rows.connections.ends(USER) == {}
