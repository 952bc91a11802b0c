"""Who gets credentials: the bridge of a start that goes on, and nobody else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chalicelib.domain.bridge import Request, sign
from chalicelib.domain.credentials import PATH, SessionCredentials, decode_credentials
from chalicelib.errors import NotAllowed
from chalicelib.services.credentials import Credentials
from tests.fakes.world import USER, World

ADDRESS = "203.0.113.7"


class FakeLender:
    def __init__(self, world: World) -> None:
        self.world, self.issued = world, list[tuple[str, int]]()

    def issue(self, user_id: str, epoch: int) -> SessionCredentials:
        self.issued.append((user_id, epoch))
        return SessionCredentials("id", "secret", "token", self.world.clock() + timedelta(hours=1))


@pytest.fixture
def issuer(awake: World) -> FakeLender:
    return FakeLender(awake)


@pytest.fixture
def credentials(awake: World, issuer: FakeLender) -> Credentials:
    return Credentials(awake.agents, issuer, awake.clock)


def body(user: str = USER) -> bytes:
    return json.dumps({"userId": user}).encode()


def signed(world: World, sent: bytes, *, key: str | None = None, epoch: int | None = None) -> dict[str, str]:
    agent = world.agent
    request = Request("POST", PATH, sent)
    return sign(key or agent.bridge_key or "", epoch or agent.epoch, request, world.clock(), "nonce")


def test_a_bridge_is_lent_its_users_credentials_and_told_its_address(
    awake: World, credentials: Credentials, issuer: FakeLender
) -> None:
    issued, address = decode_credentials(credentials.issue(body(), signed(awake, body()), ADDRESS))
    assert (issued.access_key_id, address) == ("id", ADDRESS)
    assert issuer.issued == [(USER, awake.agent.epoch)]


def test_another_key_gets_nothing(awake: World, credentials: Credentials, issuer: FakeLender) -> None:
    with pytest.raises(NotAllowed):
        credentials.issue(body(), signed(awake, body(), key="ab" * 32), ADDRESS)
    assert issuer.issued == []


def test_a_key_is_good_for_its_own_user_only(awake: World, credentials: Credentials) -> None:
    with pytest.raises(NotAllowed):
        credentials.issue(body("eve"), signed(awake, body("eve")), ADDRESS)


def test_another_body_than_the_signed_one_gets_nothing(awake: World, credentials: Credentials) -> None:
    with pytest.raises(NotAllowed):
        credentials.issue(body() + b" ", signed(awake, body()), ADDRESS)


def test_an_old_epoch_gets_nothing(awake: World, credentials: Credentials) -> None:
    with pytest.raises(NotAllowed):
        credentials.issue(body(), signed(awake, body(), epoch=awake.agent.epoch + 1), ADDRESS)


def test_a_late_request_gets_nothing(awake: World, credentials: Credentials) -> None:
    headers = signed(awake, body())
    awake.clock.sleep(61)
    with pytest.raises(NotAllowed):
        credentials.issue(body(), headers, ADDRESS)


def test_a_bridge_that_said_good_bye_gets_nothing(awake: World, credentials: Credentials) -> None:
    headers = signed(awake, body())
    awake.stop()
    with pytest.raises(NotAllowed):
        credentials.issue(body(), headers, ADDRESS)


@pytest.mark.parametrize("odd", [b"", b"[]", b"{}", b'{"userId": 7}', b"\xff", b'{"userId": "' + b"a" * 5000 + b'"}'])
def test_what_is_no_request_gets_the_same_no(awake: World, credentials: Credentials, odd: bytes) -> None:
    with pytest.raises(NotAllowed, match="only the bridge"):
        credentials.issue(odd, signed(awake, odd), ADDRESS)
