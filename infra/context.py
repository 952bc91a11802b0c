"""What every step works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from infra.adapters.aws import Aws
from infra.adapters.programs import Programs
from infra.adapters.telegram import Telegram
from infra.config import Settings
from infra.console import Voice
from infra.names import Names


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Work:
    settings: Settings
    voice: Voice
    aws: Aws
    programs: Programs
    telegram: Telegram = field(default_factory=Telegram)
    clock: Callable[[], datetime] = now
    sleep: Callable[[float], None] = time.sleep

    @property
    def names(self) -> Names:
        return self.settings.names

    @property
    def root(self) -> Path:
        return self.settings.root

    def outputs(self) -> dict[str, str]:
        """Of both stacks."""
        stacks = [self.aws.stacks.find(name) for name in (self.names.base, self.names.stack)]
        return {key: value for stack in stacks if stack for key, value in stack.outputs.items()}

    def detail(self, line: str) -> None:
        self.voice.say(f"      {line}")

    @cached_property
    def page(self) -> Path:
        return self.root / "frontend" / "dist"
