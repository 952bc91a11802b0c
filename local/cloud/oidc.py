"""The OpenID provider: code + PKCE + refresh as on AWS, but the laptop's single user is signed in without a page.

Who may sign in is decided elsewhere (`admission.py`).

Codes and refresh tokens are signed, not stored, so that a restart loses no session; those that were taken back are
stored (`revoked.py`). (oidc-provider-mock was tried:
it does not check PKCE, keeps key and tokens in memory only and names an issuer without its path.)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from wsgiref.types import StartResponse, WSGIEnvironment

from local.cloud.notice import answer_notice
from local.cloud.revoked import RevokedSignIns
from local.cloud.signing import ALGORITHM, BadToken, Signer
from local.names import CLIENT_ID, OWNER
from local.web import answer, answer_json, read_body

CODE_LIFETIME = timedelta(minutes=1)
TOKEN_LIFETIME = timedelta(hours=1)
REFRESH_LIFETIME = timedelta(days=30)
NO_STORE = {"Cache-Control": "no-store"}
EMAIL = {"email": "owner@localhost", "email_verified": True}
Fields = Mapping[str, str]


class OidcError(Exception):
    """An error of the OAuth 2.0 vocabulary, with a description for people."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code


@dataclass
class OidcProvider:
    signer: Signer
    origin: str  # of the page: the only place codes go to
    clock: Callable[[], datetime]
    revoked: RevokedSignIns = field(default_factory=RevokedSignIns)
    life: timedelta = TOKEN_LIFETIME
    used: dict[str, datetime] = field(default_factory=dict)  # codes, until they would have expired anyway

    def discovery(self) -> dict[str, Any]:
        issuer = self.signer.issuer
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "revocation_endpoint": f"{issuer}/revoke",
            "end_session_endpoint": f"{issuer}/logout",
            "jwks_uri": f"{issuer}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "email"],
        }

    def authorize(self, fields: Fields) -> str:
        """Where the browser goes, with a code for the single user."""
        redirect = self._redirect(fields.get("redirect_uri", ""))
        if fields.get("client_id") != CLIENT_ID:
            raise OidcError("unauthorized_client", "unknown client_id")
        state = {"state": fields["state"]} if "state" in fields else {}
        if fields.get("response_type") != "code" or fields.get("code_challenge_method") != "S256":
            result = {"error": "invalid_request", "error_description": "response_type code with PKCE S256 is needed"}
        else:
            result = {"code": self._code(redirect, fields)}
        return f"{redirect}?{urlencode(result | state)}"

    def token(self, fields: Fields) -> dict[str, Any]:
        if fields.get("client_id") != CLIENT_ID:
            raise OidcError("invalid_client", "unknown client_id")
        match fields.get("grant_type"):
            case "authorization_code":
                return self._tokens(self._redeem(fields))
            case "refresh_token":
                return self._tokens(self._current(fields.get("refresh_token", ""), "refresh"))
        raise OidcError("unsupported_grant_type", "authorization_code or refresh_token is needed")

    def revoke(self, fields: Fields) -> None:
        """Takes back a refresh token, and with it all others of the same sign-in. RFC 7009: of no other a word."""
        if fields.get("client_id") != CLIENT_ID:
            raise OidcError("invalid_client", "unknown client_id")
        with suppress(OidcError):
            sign_in = _sign_in(self._check(fields.get("token", ""), "refresh"))
            self.revoked.add(sign_in, self.clock() + REFRESH_LIFETIME, self.clock())

    def logout(self, fields: Fields) -> str:
        target = self._redirect(fields.get("post_logout_redirect_uri", self.origin + "/"))
        return f"{target}?{urlencode({'state': fields['state']})}" if "state" in fields else target

    def userinfo(self, token: str) -> dict[str, Any]:
        claims = self._current(token, "access")
        return {"sub": claims["sub"], **EMAIL}

    def _code(self, redirect: str, fields: Fields) -> str:
        claims = {"redirect": redirect, "challenge": fields.get("code_challenge", ""), "nonce": fields.get("nonce")}
        sign_in = {"auth_time": int(self.clock().timestamp()), "origin_jti": str(uuid.uuid4())}
        return self._sign("code", CODE_LIFETIME, claims | sign_in | {"jti": str(uuid.uuid4())})

    def _redeem(self, fields: Fields) -> Mapping[str, Any]:
        claims = self._check(fields.get("code", ""), "code")
        digest = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not hmac.compare_digest(challenge, str(claims["challenge"])):
            raise OidcError("invalid_grant", "code_verifier does not fit the challenge")
        if fields.get("redirect_uri") != claims["redirect"]:
            raise OidcError("invalid_grant", "redirect_uri is not the one the code was made for")
        self._use(str(claims["jti"]))
        return claims

    def _use(self, code: str) -> None:
        now = self.clock()
        self.used = {name: until for name, until in self.used.items() if until > now}
        if code in self.used:
            raise OidcError("invalid_grant", "the code has been used")
        self.used[code] = now + CODE_LIFETIME

    def _tokens(self, grant: Mapping[str, Any]) -> dict[str, Any]:
        nonce = {"nonce": grant["nonce"]} if grant.get("nonce") else {}
        sign_in = {"auth_time": grant.get("auth_time", grant["iat"]), "origin_jti": _sign_in(grant)}
        identity = {"aud": CLIENT_ID, "sub": OWNER, "token_use": "id", **EMAIL, **nonce, **sign_in}
        return {
            "token_type": "Bearer",
            "expires_in": int(self.life.total_seconds()),
            "scope": "openid email",
            "id_token": self.signer.sign(identity, self.clock(), self.life),
            "access_token": self._sign("access", self.life, sign_in),
            "refresh_token": self._sign("refresh", REFRESH_LIFETIME, nonce | sign_in),
        }

    def _sign(self, purpose: str, lifetime: timedelta, claims: Mapping[str, Any] | None = None) -> str:
        """For ourselves alone: the audience is the purpose, so that none passes for another."""
        return self.signer.sign({"sub": OWNER, **(claims or {}), "aud": purpose}, self.clock(), lifetime)

    def _check(self, token: str, purpose: str) -> Mapping[str, Any]:
        try:
            return self.signer.verify(token, purpose)
        except BadToken as error:
            raise OidcError("invalid_grant", str(error)) from None

    def _current(self, token: str, purpose: str) -> Mapping[str, Any]:
        claims = self._check(token, purpose)
        if _sign_in(claims) in self.revoked:
            raise OidcError("invalid_grant", "the token has been revoked")
        return claims

    def _redirect(self, target: str) -> str:
        """One address, letter by letter: a prefix lets in whatever a browser or a proxy reads into the rest."""
        if target != self.origin + "/":
            raise OidcError("invalid_request", f"only {self.origin}/ may be returned to")
        return target


def _sign_in(claims: Mapping[str, Any]) -> str:
    """What all tokens of one sign-in share; older ones have its time only."""
    return str(claims.get("origin_jti", claims["iat"]))


@dataclass(frozen=True)
class OidcApp:
    """The provider's endpoints; PATH_INFO begins after the issuer's path."""

    provider: OidcProvider
    admits: Callable[[WSGIEnvironment], bool]  # may this browser sign in?

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path, body = str(environ["PATH_INFO"]), read_body(environ).decode(errors="replace")
        fields = dict(parse_qsl(body or str(environ.get("QUERY_STRING", ""))))
        try:
            match path:
                case "/authorize":
                    target = self.provider.authorize(fields)
                    if not self.admits(environ):
                        return answer_notice(start, "sign_in")
                    return answer(start, 302, b"", {"Location": target, **NO_STORE})
                case "/logout":
                    return answer(start, 302, b"", {"Location": self.provider.logout(fields), **NO_STORE})
                case "/userinfo":
                    fields = {"token": str(environ.get("HTTP_AUTHORIZATION", "")).removeprefix("Bearer ")}
            return self._answer(path, fields, start)
        except OidcError as error:
            return answer_json(start, 400, {"error": error.code, "error_description": str(error)}, NO_STORE)

    def _answer(self, path: str, fields: Fields, start: StartResponse) -> Iterable[bytes]:
        match path:
            case "/token":
                return answer_json(start, 200, self.provider.token(fields), NO_STORE)
            case "/revoke":
                self.provider.revoke(fields)
                return answer_json(start, 200, {}, NO_STORE)
            case "/userinfo":
                return answer_json(start, 200, self.provider.userinfo(fields["token"]), NO_STORE)
            case "/.well-known/openid-configuration":
                return answer_json(start, 200, self.provider.discovery())
            case "/jwks":
                return answer_json(start, 200, self.provider.signer.public_keys())
        return answer_json(start, 404, {"error": "not_found"})
