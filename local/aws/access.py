"""Who may use the embedded AWS, and for what: whoever signs with this run's keys for all, a session for what its policy
allows. moto asks nobody who he is.

The id of the access key is as secret as the key here, and so is the token of a session, so that these are compared and
the signature of a header is not computed anew. A form is looked at whole: its policy must be signed.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.aws.keys import AwsKeys
from local.aws.policy import Call
from local.aws.rights import Asked
from local.aws.sessions import RoleSession, Sessions, now
from local.web import answer, answer_json

SIGNED = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/")
SIGNED_FOR_STS = re.compile(r"AWS4-HMAC-SHA256 Credential=[^,\s]+/sts/aws4_request")
MOST_FIELDS = 100
EXPIRED = "ExpiredTokenException"
NOT_ALLOWED = "AccessDeniedException"
log = logging.getLogger(__name__)
DENIED = b"<Error><Code>InvalidAccessKeyId</Code><Message>The keys of this run are needed.</Message></Error>"


@dataclass(frozen=True)
class Access:
    keys: AwsKeys
    origin: str = ""  # of the page, which posts forms

    def is_owners(self, environ: WSGIEnvironment) -> bool:
        """Is it signed with the keys of this run?"""
        return self._is_ours(self._key_id(environ))

    def session(self, environ: WSGIEnvironment) -> RoleSession | None:
        """The session that signed it, if one did."""
        key_id = self._key_id(environ)
        token = str(environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")) or _queried(environ, "X-Amz-Security-Token")
        return Sessions(self.keys).read(key_id, token) if token and key_id else None

    def admits_form(self, fields: Mapping[str, str], calls: Iterable[Call]) -> bool:
        """`fields` with their names in lower case; `calls`: what whoever signed it must be allowed."""
        key_id, _, scope = fields.get("x-amz-credential", "").partition("/")
        session = Sessions(self.keys).read(key_id, fields.get("x-amz-security-token", ""))
        key = f"AWS4{Sessions(self.keys).secret(key_id) if session else self.keys.secret}".encode()
        for part in scope.split("/"):  # date, region, service, aws4_request
            key = _mac(key, part)
        signed = _same(_mac(key, fields.get("policy", "")).hex(), fields.get("x-amz-signature", ""))
        if session is None:
            return signed and self._is_ours(key_id)
        return signed and _refusal(session, calls) is None

    def _key_id(self, environ: WSGIEnvironment) -> str:
        """By header; by query where an address was signed, which we do for reading an object alone."""
        header = SIGNED.match(str(environ.get("HTTP_AUTHORIZATION", "")))
        if header:
            return header[1]
        reads = environ["REQUEST_METHOD"] in ("GET", "HEAD") and "HTTP_X_AMZ_TARGET" not in environ
        return _queried(environ, "X-Amz-Credential").partition("/")[0] if reads else ""

    def _is_ours(self, key_id: str) -> bool:
        return _same(key_id, self.keys.id)


def nobody(_environ: WSGIEnvironment) -> bool:
    return False


def keyed(
    app: WSGIApplication, access: Access, asked: Asked, spared: Callable[[WSGIEnvironment], bool] = nobody
) -> WSGIApplication:
    """`asked`: what a request needs the right to. `spared`: requests that somebody behind this one looks at."""

    def checked(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if spared(environ):
            return app(environ, start)
        if access.is_owners(environ):
            return app(environ, start)
        if (session := access.session(environ)) is None:
            return answer(start, 403, DENIED, {"Content-Type": "application/xml"})
        refusal = _refusal(session, asked(environ))
        return refuse(environ, start, *refusal) if refusal else app(environ, start)

    return checked


def _refusal(session: RoleSession, calls: Iterable[Call]) -> tuple[str, str] | None:
    """AWS's code and words, where the session has ended or lacks a right."""
    if session.ends_at <= now():
        return EXPIRED, "The security token included in the request is expired"
    for call in calls:
        if not session.allows(call):
            log.warning("denied: %s of %s on %s, %s", call.action, session.role, call.resource, dict(call.context))
            where = f"{call.action} on resource: {call.resource}"
            kind = "identity-based" if session.policy is None else "session"
            return NOT_ALLOWED, f"User is not authorized to perform: {where} because no {kind} policy allows it"
    return None


def is_for_sts(environ: WSGIEnvironment) -> bool:
    return bool(SIGNED_FOR_STS.match(str(environ.get("HTTP_AUTHORIZATION", ""))))


def refuse(environ: WSGIEnvironment, start: StartResponse, code: str, words: str) -> Iterable[bytes]:
    """As the service that was asked says it: JSON where there is a target, else XML."""
    if "HTTP_X_AMZ_TARGET" in environ:
        return answer_json(start, 400, {"__type": f"com.amazon.coral.service#{code}", "message": words})
    short = {EXPIRED: "ExpiredToken", NOT_ALLOWED: "AccessDenied"}[code]
    error = f"<Error><Code>{short}</Code><Message>{words}</Message></Error>"
    body = (f"<ErrorResponse>{error}</ErrorResponse>" if is_for_sts(environ) else error).encode()
    headers = {"Content-Type": "application/xml", "x-amzn-ErrorType": code}
    return answer(start, 400 if code == EXPIRED else 403, body, headers)


def _queried(environ: WSGIEnvironment, name: str) -> str:
    """The first, as whoever reads it afterwards takes it; more than a signed address has are none."""
    try:
        fields = parse_qs(str(environ.get("QUERY_STRING", "")), max_num_fields=MOST_FIELDS)
    except ValueError:
        return ""
    return fields.get(name, [""])[0]


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())


def _mac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
