"""The access keys of one run: made by the launcher, known to the product's own programs, worthless after it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class AwsKeys:
    id: str
    secret: str

    @classmethod
    def new(cls) -> AwsKeys:
        return cls(secrets.token_hex(16), secrets.token_hex(32))

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> AwsKeys:
        return cls(environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"])

    def environ(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.id, "AWS_SECRET_ACCESS_KEY": self.secret}
