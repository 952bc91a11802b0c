"""STS: `AssumeRole` of the bridges' role, which is what the product asks of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from xml.sax.saxutils import escape

from chalicelib.domain.times import to_text
from local.aws.roles import BRIDGE
from local.aws.sessions import Sessions
from local.names import BRIDGE_ROLE_ARN
from local.web import answer, read_body

MOST_POLICY = 2048  # characters
SHORTEST, LONGEST = 900, 3600  # seconds that may be asked for
XML = {"Content-Type": "text/xml"}


def application(sessions: Sessions) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        asked = dict(parse_qsl(read_body(environ).decode()))
        if refusal := _refusal(asked):
            code, words = refusal
            error = f"<ErrorResponse><Error><Code>{code}</Code><Message>{words}</Message></Error></ErrorResponse>"
            return answer(start, 403 if code == "AccessDenied" else 400, error.encode(), XML)
        return answer(start, 200, _issued(sessions, asked).encode(), XML)

    return app


def _refusal(asked: Mapping[str, str]) -> tuple[str, str] | None:
    if asked.get("Action") != "AssumeRole" or asked.get("RoleArn") != BRIDGE_ROLE_ARN:
        return "AccessDenied", "Only the role of the bridges is assumed here."
    if len(asked.get("Policy", "")) > MOST_POLICY:
        return "PackedPolicyTooLarge", f"The policy has more than {MOST_POLICY} characters."
    if not SHORTEST <= int(asked.get("DurationSeconds", LONGEST)) <= LONGEST:
        return "ValidationError", f"DurationSeconds is from {SHORTEST} to {LONGEST}."
    return None


def _issued(sessions: Sessions, asked: Mapping[str, str]) -> str:
    issued = sessions.issue(
        BRIDGE, timedelta(seconds=int(asked.get("DurationSeconds", LONGEST))), asked.get("Policy", "")
    )
    fields = {
        "AccessKeyId": issued.access_key_id,
        "SecretAccessKey": issued.secret_access_key,
        "SessionToken": issued.session_token,
        "Expiration": to_text(issued.expires_at),
    }
    credentials = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    full = round(100 * len(asked.get("Policy", "")) / MOST_POLICY)
    result = f"<Credentials>{credentials}</Credentials><PackedPolicySize>{full}</PackedPolicySize>"
    return f"<AssumeRoleResponse><AssumeRoleResult>{result}</AssumeRoleResult></AssumeRoleResponse>"
