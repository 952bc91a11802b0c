"""Identities of people who have just signed in, as values and as the claims that API Gateway passes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from chalicelib.domain.identity import JAVA_DATE, UserIdentity

LIFE = timedelta(hours=1)


def identity(user_id: str, now: datetime, life: timedelta = LIFE) -> UserIdentity:
    return UserIdentity(user_id, now, now + life)


def claims(user_id: str, now: datetime, life: timedelta = LIFE, signed_in_at: datetime | None = None) -> dict[str, str]:
    return {
        "sub": user_id,
        "token_use": "id",
        "auth_time": str(int((signed_in_at or now).timestamp())),
        "iat": now.astimezone(UTC).strftime(JAVA_DATE),
        "exp": (now + life).astimezone(UTC).strftime(JAVA_DATE),
    }


@cache
def signing_key(owner: str = "the provider") -> rsa.RSAPrivateKey:
    """Of whoever signs tokens; to make one takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
