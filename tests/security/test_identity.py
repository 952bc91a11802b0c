"""Who somebody is, and how much a request may be: names from outside, tokens of another use, bodies of any size."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.bridge import Request, sign
from chalicelib.domain.credentials import PATH
from chalicelib.domain.telegram import Sender, parse
from chalicelib.domain.text import one_line
from chalicelib.errors import NotAllowed, SignedOut
from local.cloud.environments import Environments, load
from local.cloud.rest import RestApi
from local.cloud.signing import Signer
from local.names import CLIENT_ID
from local.web import Server
from tests.app.cloud import USER, Cloud
from tests.fakes.bridge import Desk
from tests.fakes.bridge import now as bridge_now
from tests.fakes.identity import claims, identity, signing_key
from tests.fakes.world import ORIGIN, World
from tests.local.waiting import SHORT
from tests.security.raw import ask
from tests.tables.scenes import USER as DESK_USER

KEY = signing_key()
ISSUER = "http://localhost:1/oidc"
DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
NAMES = [
    "\u202eAda Owner\u202c",
    f"Ada{DIRECTIONS} Owner",
    "Ada\r\nconfirmed: yes",
    "Ada\0\x1b[31m\x7f\x85",
    "Ada\u2028\u2029\ufeff\u200b\u2060\u00ad",
    "Ada" + "\U000e0041\U000e0042",
    "\u3164\u115f\uffa0\u2800",
    "A" * 10_000,
    "Z" + "\u0336\u0489\u20e3" * 500,
    "",
]


def sender(name: str) -> Sender:
    person = {"id": 7, "is_bot": False, "first_name": name, "language_code": "en"}
    message = {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}, "from": person, "text": "hi"}
    update = parse(json.dumps({"update_id": 1, "message": message}))
    assert update is not None
    return update.sender


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:24])
def test_a_name_from_outside_is_short_and_turns_no_words_around_it(name: str) -> None:
    shown = sender(name).name
    assert 0 < len(shown) <= 80
    assert shown.isprintable() and shown.strip() == shown
    assert not set(shown) & set(DIRECTIONS)


def test_marks_do_not_pile_up_on_a_letter() -> None:
    assert one_line("Z\u0336\u0489\u20e3" + "\u0301" * 50) == "Z\u0336\u0489"
    assert one_line("Nguy\u1ec5n Va\u0306\u0301n") == "Nguy\u1ec5n Va\u0306\u0301n"


@pytest.mark.parametrize("name", ["\u3164\u3164", "\u2800", "\u200b", "\u202e"])
def test_a_name_of_nothing_that_can_be_seen_is_none(name: str) -> None:
    assert sender(name).name == "?"


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/conversations/11111111-1111-4111-8111-111111111111"), ("PUT", "/settings")]
)
def test_a_rest_body_has_64_kilobytes_at_most(untouched: Cloud, method: str, path: str) -> None:
    for size, status in ((64 * 1024 + 1, 413), (10_000_000, 413)):
        body = json.dumps({"title": ""})[:-2] + "x" * (size - len(json.dumps({"title": ""}))) + '"}'
        assert len(body) == size
        assert untouched.call(method, path, body).status == status
    assert untouched.call(method, path, json.dumps({"x": "y" * 60_000})).status != 413


@pytest.mark.parametrize("body", ["[" * 60_000, '{"a":' * 10_000, "9" * 60_000, '"' * 9])
def test_a_rest_body_that_is_no_object_is_told_so(untouched: Cloud, body: str) -> None:
    assert untouched.call("PUT", "/settings", body).status == 400


@pytest.mark.parametrize("use", ["access", "refresh", "", "ID", None])
def test_a_token_of_another_use_opens_nothing(untouched: Cloud, use: str) -> None:
    event = untouched._request("GET", "/settings", None, USER)
    event["requestContext"]["authorizer"]["claims"]["token_use"] = use
    assert untouched.app(event, None)["statusCode"] == 403
    event["requestContext"]["authorizer"]["claims"]["token_use"] = "id"
    assert untouched.app(event, None)["statusCode"] == 200


@pytest.mark.parametrize("claims", [{"token_use": "access"}, {"aud": "other"}, {"aud": [CLIENT_ID[:-1]]}, {"aud": ""}])
def test_a_laptops_token_of_another_use_or_client_opens_nothing(claims: dict[str, Any]) -> None:
    app = Path(__file__).parents[1] / "local" / "tiny_app.py"
    environments, server, signer = Environments(app, limit=2), Server(0, 2, SHORT), Signer(KEY, ISSUER)
    server.serve(RestApi(load(app, "identity_tiny_app"), environments, signer))
    good = {"sub": "owner", "aud": CLIENT_ID, "token_use": "id"}
    for content, status in ((good, 200), (good | claims, 401)):
        token = signer.sign(content, datetime.now(UTC), timedelta(hours=1))
        headers = {"Authorization": f"Bearer {token}"}
        assert ask(("127.0.0.1", server.port), "GET", "/who/me", headers).status == status
    server.stop()
    environments.close()


class Attack:
    """Somebody holds what an hour ago was a good token, ticket or socket."""

    def __init__(self) -> None:
        self.world = World()
        self.claims = claims(USER, self.world.clock())

    def later(self, **span: float) -> None:
        self.world.clock.advance(**span)

    def ticket(self) -> str:
        services = self.world.services
        return services.tickets.issue(services.identities.admit(self.claims)).ticket

    def enter(self, ticket: str) -> None:
        self.world.services.chat.connect("thief", ticket, ORIGIN)

    def heard(self) -> list[str]:
        return self.world.push.types("thief")


def test_a_socket_does_not_outlive_the_token_that_opened_it() -> None:
    """A socket worked two hours after its token had ended."""
    attack = Attack()
    attack.enter(attack.ticket())
    attack.later(hours=1, seconds=1)
    attack.world.services.watchdog.run()
    assert attack.world.push.closed == ["thief"]


def test_a_frame_of_a_socket_whose_identity_is_over_is_not_acted_on_and_ends_it() -> None:
    attack = Attack()
    attack.enter(attack.ticket())
    attack.later(hours=1, seconds=1)
    attack.world.send(1, "spend the owner's money", "thief")
    assert not attack.world.inbox.pending(USER)
    assert attack.world.tasks.running == []
    assert (attack.heard(), attack.world.push.closed) == ([], ["thief"])


def test_a_socket_whose_identity_is_over_hears_nothing_of_what_others_say() -> None:
    attack = Attack()
    attack.enter(attack.ticket())
    attack.later(hours=1, seconds=1)
    attack.world.connect("owner")
    attack.world.send(1, "a secret", "owner")
    attack.world.run()
    attack.world.services.pages.status(attack.world.agent)
    assert attack.heard() == []


def test_the_bridge_tells_a_page_whose_identity_is_over_nothing() -> None:
    desk = Desk()
    desk.rows.connections.open("thief", identity(DESK_USER, bridge_now(), timedelta(seconds=-1)), ORIGIN, bridge_now())
    desk.deliveries.status(desk.agent)
    desk.deliveries.reply("thief", {"type": "stream_chunk"})
    assert desk.push.types("page") == ["status"]
    assert desk.push.types("thief") == []


def test_a_token_that_has_ended_makes_no_ticket() -> None:
    attack = Attack()
    attack.later(hours=1)
    with pytest.raises(NotAllowed):
        attack.ticket()


def test_a_ticket_lives_no_longer_than_the_token_that_made_it() -> None:
    attack = Attack()
    attack.later(minutes=59, seconds=50)
    ticket = attack.ticket()
    attack.later(seconds=11)
    with pytest.raises(NotAllowed):
        attack.enter(ticket)


@pytest.mark.parametrize("kind", ["token", "renewed token", "ticket"])
def test_nothing_of_before_a_sign_out_everywhere_is_worth_anything_after_it(kind: str) -> None:
    attack = Attack()
    ticket, born = attack.ticket(), attack.world.clock()
    attack.later(seconds=1)
    attack.world.services.identities.sign_out(USER)
    attack.later(seconds=1)
    if kind == "renewed token":  # by a refresh token that the provider would still take
        attack.claims = claims(USER, attack.world.clock(), signed_in_at=born)
    with pytest.raises(SignedOut):
        attack.enter(ticket if kind == "ticket" else attack.ticket())


def test_no_socket_of_before_a_sign_out_everywhere_is_left() -> None:
    attack = Attack()
    attack.enter(attack.ticket())
    attack.world.services.identities.sign_out(USER)
    attack.world.send(1, "still here", "thief")
    assert not attack.world.inbox.pending(USER)
    assert (set(attack.world.push.closed), attack.heard()) == ({"thief"}, [])


@pytest.mark.parametrize("path", ["/settings", "/conversations", "/status"])
def test_rest_refuses_a_token_of_before_a_sign_out_everywhere(cloud: Cloud, path: str) -> None:
    old = cloud._request("GET", path, None, USER)
    assert cloud.app(old, None)["statusCode"] == 200
    assert cloud.call("POST", "/sign-out-everywhere").status == 200
    answered = cloud.app(old, None)
    assert (answered["statusCode"], json.loads(answered["body"])["code"]) == (403, "signed_out")
    assert cloud.call("GET", path, user="bob").status == 200


def test_a_request_for_credentials_has_no_query(untouched: Cloud) -> None:
    body = json.dumps({"userId": USER})
    signed = sign("ab" * 32, 1, Request("POST", PATH, body.encode()), datetime.now(UTC), "n")
    event = untouched._request("POST", f"{PATH}?a=1", body, USER)
    event["headers"] |= signed
    answered = untouched.app(event, None)
    assert (answered["statusCode"], "query" in answered["body"]) == (403, True)


def test_the_user_pool_has_one_client_so_that_its_tokens_are_the_pages() -> None:
    """API Gateway's authorizer takes the tokens of every client of the pool."""
    template = (Path(__file__).parents[2] / "infra" / "template.yaml").read_text()
    base = (Path(__file__).parents[2] / "infra" / "base.yaml").read_text()
    assert (template + base).count("Type: AWS::Cognito::UserPoolClient") == 1
