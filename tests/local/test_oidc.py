"""The sign-in is the real flow: code, PKCE, refresh; only nobody has to type who they are."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from local.cloud.oidc import OidcError, OidcProvider
from local.cloud.revoked import RevokedSignIns, revoked_path
from local.cloud.signing import BadToken, Signer, key_path, load_key
from local.errors import DamagedState
from local.names import CLIENT_ID, OWNER

ORIGIN = "http://localhost:8787"
REDIRECT = f"{ORIGIN}/"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASK = {
    "client_id": CLIENT_ID,
    "response_type": "code",
    "redirect_uri": REDIRECT,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "s",
    "nonce": "n",
}
REDEEM = {
    "client_id": CLIENT_ID,
    "grant_type": "authorization_code",
    "redirect_uri": REDIRECT,
    "code_verifier": VERIFIER,
}


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


def provider(state: Path, clock: Clock | None = None) -> OidcProvider:
    signer = Signer(load_key(key_path(state)), f"{ORIGIN}/oidc")
    return OidcProvider(signer, ORIGIN, clock or Clock(datetime.now(UTC)), RevokedSignIns(revoked_path(state)))


def fields(location: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(location).query))


def code(provider: OidcProvider) -> str:
    return fields(provider.authorize(ASK))["code"]


def test_the_owner_is_sent_back_with_a_code_at_once(state: Path) -> None:
    location = provider(state).authorize(ASK)
    assert location.startswith(REDIRECT + "?")
    assert fields(location)["state"] == "s"


def test_a_code_becomes_tokens_that_the_published_keys_verify(state: Path) -> None:
    oidc = provider(state)
    tokens = oidc.token({**REDEEM, "code": code(oidc)})
    key = jwt.PyJWKSet.from_dict(oidc.signer.public_keys()).keys[0]
    claims = jwt.decode(tokens["id_token"], key, ["RS256"], audience=CLIENT_ID, issuer=f"{ORIGIN}/oidc")
    assert (claims["sub"], claims["nonce"], claims["token_use"]) == (OWNER, "n", "id")
    assert oidc.userinfo(tokens["access_token"])["sub"] == OWNER


def test_a_code_works_once(state: Path) -> None:
    oidc = provider(state)
    redeem = {**REDEEM, "code": code(oidc)}
    oidc.token(redeem)
    with pytest.raises(OidcError, match="used"):
        oidc.token(redeem)


@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "w" * 43}, {"redirect_uri": ORIGIN + "/other"}, {"client_id": "x"}]
)
def test_a_code_in_the_wrong_hands_is_worthless(state: Path, wrong: dict[str, str]) -> None:
    oidc = provider(state)
    with pytest.raises(OidcError):
        oidc.token({**REDEEM, "code": code(oidc), **wrong})


def test_a_code_is_good_for_a_minute_only(state: Path) -> None:
    past = provider(state, Clock(datetime.now(UTC) - timedelta(minutes=2)))
    with pytest.raises(OidcError, match="expired"):
        provider(state).token({**REDEEM, "code": code(past)})


def test_a_session_outlives_a_restart(state: Path) -> None:
    before = provider(state)
    tokens = before.token({**REDEEM, "code": code(before)})
    after = provider(state)
    renewed = after.token(
        {"client_id": CLIENT_ID, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    )
    for token in (tokens["id_token"], renewed["id_token"]):
        assert after.signer.verify(token, CLIENT_ID)["sub"] == OWNER


def refresh(provider: OidcProvider, token: str) -> dict[str, str]:
    asked = {"client_id": CLIENT_ID, "grant_type": "refresh_token", "refresh_token": token}
    return provider.token(asked)


def revoke(provider: OidcProvider, token: str, client: str = CLIENT_ID) -> None:
    provider.revoke({"client_id": client, "token": token})


@pytest.mark.parametrize("restarted", [False, True])
def test_a_revoked_refresh_token_renews_nothing_also_after_a_restart(state: Path, restarted: bool) -> None:
    oidc = provider(state)
    tokens, other = (oidc.token({**REDEEM, "code": code(oidc)}) for _ in range(2))
    newer = refresh(oidc, tokens["refresh_token"])
    revoke(oidc, newer["refresh_token"])
    oidc = provider(state) if restarted else oidc
    for mine in (tokens, newer):
        with pytest.raises(OidcError, match="revoked"):
            refresh(oidc, mine["refresh_token"])
        with pytest.raises(OidcError, match="revoked"):
            oidc.userinfo(mine["access_token"])
    assert refresh(oidc, other["refresh_token"])


@pytest.mark.parametrize("token", ["", "nonsense", "id_token", "access_token"])
def test_what_is_no_refresh_token_revokes_nothing_and_is_no_error(state: Path, token: str) -> None:
    oidc = provider(state)
    tokens = oidc.token({**REDEEM, "code": code(oidc)})
    revoke(oidc, tokens.get(token, token))
    assert refresh(oidc, tokens["refresh_token"])


def test_another_client_revokes_nothing(state: Path) -> None:
    oidc = provider(state)
    tokens = oidc.token({**REDEEM, "code": code(oidc)})
    with pytest.raises(OidcError, match="client"):
        revoke(oidc, tokens["refresh_token"], "x")
    assert refresh(oidc, tokens["refresh_token"])


def test_a_token_that_is_renewed_keeps_the_time_of_its_sign_in(state: Path) -> None:
    clock = Clock(datetime.now(UTC) - timedelta(seconds=30))
    oidc = provider(state, clock)
    tokens, signed_in = oidc.token({**REDEEM, "code": code(oidc)}), int(clock.now.timestamp())
    clock.now += timedelta(seconds=20)
    renewed = oidc.signer.verify(refresh(oidc, tokens["refresh_token"])["id_token"], CLIENT_ID)
    assert (renewed["auth_time"], renewed["iat"]) == (signed_in, signed_in + 20)


def test_a_damaged_list_of_what_was_revoked_is_named(tmp_path: Path) -> None:
    revoked_path(tmp_path).write_text("[]")
    with pytest.raises(DamagedState, match=r"revoked\.json"):
        RevokedSignIns(revoked_path(tmp_path))


def test_what_was_revoked_is_kept_as_long_as_it_could_be_used(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    revoked = RevokedSignIns(revoked_path(tmp_path))
    revoked.add("old", now + timedelta(days=1), now)
    revoked.add("new", now + timedelta(days=31), now + timedelta(days=2))
    assert ("old" in revoked, "new" in RevokedSignIns(revoked_path(tmp_path))) == (False, True)


def test_no_token_passes_for_another(state: Path) -> None:
    oidc = provider(state)
    tokens = oidc.token({**REDEEM, "code": code(oidc)})
    for name in ("access_token", "refresh_token"):
        with pytest.raises(BadToken):
            oidc.signer.verify(tokens[name], CLIENT_ID)
    with pytest.raises(OidcError):
        oidc.userinfo(tokens["id_token"])


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", ORIGIN + ".evil.example/", "http://localhost:87870/"])
def test_codes_go_nowhere_but_to_the_page(state: Path, elsewhere: str) -> None:
    with pytest.raises(OidcError, match="returned"):
        provider(state).authorize({**ASK, "redirect_uri": elsewhere})
    with pytest.raises(OidcError, match="returned"):
        provider(state).logout({"post_logout_redirect_uri": elsewhere})


def test_without_pkce_there_is_no_code(state: Path) -> None:
    answered = fields(provider(state).authorize({**ASK, "code_challenge_method": "plain"}))
    assert (answered["error"], "code" in answered) == ("invalid_request", False)


def test_a_damaged_key_is_named_and_left_alone(tmp_path: Path) -> None:
    key_path(tmp_path).write_text("nonsense")
    with pytest.raises(DamagedState, match=r"sign-in\.pem"):
        load_key(key_path(tmp_path))
    assert key_path(tmp_path).read_text() == "nonsense"


def test_the_key_is_for_its_owner_alone(state: Path) -> None:
    provider(state)
    assert key_path(state).stat().st_mode & 0o777 == 0o600
