"""The sign-in's key, kept so that tokens survive a restart, and the tokens made and checked with it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from local.errors import DamagedState

ALGORITHM = "RS256"
PEM = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


class BadToken(Exception):
    """Not signed by us, too old, or meant for something else."""


@dataclass(frozen=True)
class Signer:
    key: rsa.RSAPrivateKey
    issuer: str

    def sign(self, claims: Mapping[str, Any], now: datetime, lifetime: timedelta) -> str:
        times = {"iat": int(now.timestamp()), "exp": int((now + lifetime).timestamp())}
        return jwt.encode({**claims, "iss": self.issuer, **times}, self.key, ALGORITHM, {"kid": self.key_id})

    def verify(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of a token of ours for that audience that has not expired."""
        options: Any = {"require": ["exp", "iss", "aud", "sub"]}
        public = self.key.public_key()
        try:
            claims = jwt.decode(token, public, [ALGORITHM], options=options, audience=audience, issuer=self.issuer)
        except jwt.InvalidTokenError as error:
            raise BadToken(str(error)) from None
        return dict(claims)

    @property
    def key_id(self) -> str:
        parts = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return hashlib.sha256(self.key.public_key().public_bytes(*parts)).hexdigest()[:16]

    def public_keys(self) -> dict[str, Any]:
        """A JSON Web Key Set."""
        key = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {"keys": [{**key, "kid": self.key_id, "use": "sig", "alg": ALGORITHM}]}


def key_path(state: Path) -> Path:
    return state / "sign-in.pem"


def load_key(path: Path) -> rsa.RSAPrivateKey:
    if not path.exists():
        return _create(path)
    try:
        # It is our own file: to check that its numbers are primes would take 45 ms of every start.
        key = serialization.load_pem_private_key(path.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    except ValueError:
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise DamagedState(f"{path} is not the key it was: move it away (you sign in anew), or `make reset`.")
    return key


def _create(path: Path) -> rsa.RSAPrivateKey:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(key.private_bytes(*PEM))
    draft.replace(path)
    return key
