"""Pairing a chat with an account: codes, how long they live, how many guesses there are.

The page shows a code of 8 characters and a link with 128 random bits. Whoever sends one of them to the bot is shown
to the owner, who confirms. A code is good once, for `LIFE`; a new one ends the old; both are kept as hashes only.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from chalicelib.domain.times import to_text

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that looks like something else
CODE_LENGTH = 8
TOKEN_LENGTH = 22  # 128 bits in base64url
LIFE = timedelta(minutes=10)
ATTEMPTS = 5  # wrong codes of one chat in a day
CHANNELS = ("telegram",)


@dataclass(frozen=True)
class Pairing:
    """A code that waits to be sent to the bot."""

    user_id: str
    channel: str
    fingerprints: tuple[str, ...]  # of the code and of the link's token
    expires_at: datetime


@dataclass(frozen=True)
class Offer:
    """What the page shows, once."""

    code: str
    url: str
    expires_at: datetime

    def fields(self) -> dict[str, Any]:
        return {"code": self.code, "url": self.url, "expiresAt": to_text(self.expires_at)}


@dataclass(frozen=True)
class Link:
    """A chat that asks to be linked, or is."""

    user_id: str
    channel: str
    external_id: str  # the number of the account there: names are recycled
    name: str
    username: str | None
    state: Literal["asked", "linked"]
    since: datetime
    language: str = "en"

    @property
    def id(self) -> str:
        return f"{self.channel}-{self.external_id}"

    def fields(self) -> dict[str, Any]:
        """As REST shows it."""
        return {
            "id": self.id,
            "channel": self.channel,
            "state": self.state,
            "name": self.name,
            "username": self.username,
            "since": to_text(self.since),
        }

    def waits(self, now: datetime) -> bool:
        """May its owner still confirm it?"""
        return self.state == "asked" and now < self.since + LIFE


@dataclass(frozen=True)
class LinkedChat:
    """What is known of a linked chat: whose it is, and which conversation it is in."""

    channel: str
    external_id: str
    user_id: str
    conversation_id: str
    language: str = "en"


def make_code(secret: str) -> str:
    """From at least 40 random bits in hex."""
    number = int(secret[:10], 16)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(CODE_LENGTH))


def make_token(secret: str) -> str:
    """From at least 128 random bits in hex."""
    return base64.urlsafe_b64encode(bytes.fromhex(secret[:32])).rstrip(b"=").decode()


def make_id(secret: str) -> str:
    """A UUID from at least 128 random bits in hex."""
    return "-".join((secret[:8], secret[8:12], f"4{secret[13:16]}", f"a{secret[17:20]}", secret[20:32]))


def spell(code: str) -> str:
    """As people read it: ABCD-EFGH."""
    return f"{code[:4]}-{code[4:]}"


def read_code(text: str) -> str | None:
    """The code or token that somebody sent, without the dash and in capitals; None for anything else."""
    bare = text.strip()
    if len(bare) == TOKEN_LENGTH and all(char.isascii() and (char.isalnum() or char in "-_") for char in bare):
        return bare
    code = bare.replace("-", "").replace(" ", "").upper()
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else None


def fingerprint(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def is_good(pairing: Pairing, mark: str, now: datetime) -> bool:
    """Its time has not passed; TTL deletes days later, so nothing else says so."""
    return mark in pairing.fingerprints and now < pairing.expires_at
