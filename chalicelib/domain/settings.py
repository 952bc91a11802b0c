"""What a user may choose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UserSettings:
    model: str | None  # provider/model; None: the deployment's default
    idle_minutes: int
    language: str | None  # None: what the browser prefers
    mirror: bool = False  # show what is said on the page in linked chats too
