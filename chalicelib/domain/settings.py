"""What an owner has chosen in the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

# What the agent may do unasked, in OpenClaw's words: all; or nothing but files in its workspace.
PermissionMode = Literal["full", "guarded"]
PERMISSION_MODES: tuple[PermissionMode, ...] = get_args(PermissionMode)
OWN_WORK_HOURS = 8  # a night


@dataclass(frozen=True)
class Settings:
    model: str | None = None  # provider/model; None: the deployment's default
    idle_minutes: int | None = None  # None: the deployment's default
    language: str | None = None  # None: what the browser prefers
    permission_mode: PermissionMode | None = None  # None: the deployment's default
    mirror: bool = False  # show what is said on the page in linked chats too
    own_work_hours: int = OWN_WORK_HOURS  # the most that work of its own keeps it awake, after a message or the start
    chosen: bool = False  # was a model or a mode ever chosen? Then OpenClaw may know one that was given up since
