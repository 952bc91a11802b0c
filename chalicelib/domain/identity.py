"""Who somebody is, by the claims of an identity token that API Gateway has checked: since when, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.errors import NotAllowed

JAVA_DATE = "%a %b %d %H:%M:%S UTC %Y"  # how the Cognito authorizer writes `exp` and `iat`; `auth_time` stays a number


@dataclass(frozen=True)
class UserIdentity:
    user_id: str
    signed_in_at: datetime  # with the provider: a token that is renewed keeps it
    ends_at: datetime


def read_identity(claims: Mapping[str, Any]) -> UserIdentity:
    """Raises NotAllowed for a token of another use, and for one without its times."""
    if claims.get("token_use") != "id":
        raise NotAllowed("an identity token is wanted")
    signed_in = claims.get("auth_time", claims.get("iat"))
    return UserIdentity(str(claims["sub"]), _moment(signed_in), _moment(claims.get("exp")))


def _moment(claim: object) -> datetime:
    text = str(claim)
    try:
        if text.isdecimal():
            return datetime.fromtimestamp(int(text), UTC)
        return datetime.strptime(text, JAVA_DATE).replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        raise NotAllowed("an identity token with its times is wanted") from None
