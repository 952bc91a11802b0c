"""What every command and step works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from infra.adapters.aws import Aws
from infra.adapters.programs import Programs
from infra.adapters.telegram import TelegramWebhook
from infra.config import DriverConfig
from infra.console import Console
from infra.conversation import Talk, check
from infra.names import StageNames


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class StepContext:
    config: DriverConfig
    console: Console
    aws: Aws
    programs: Programs
    telegram: TelegramWebhook = field(default_factory=TelegramWebhook)
    clock: Callable[[], datetime] = now
    sleep: Callable[[float], None] = time.sleep
    talk: Talk = check  # of the check and the canary

    @property
    def names(self) -> StageNames:
        return self.config.names

    @property
    def root(self) -> Path:
        return self.config.root

    def outputs(self) -> dict[str, str]:
        """Of both stacks."""
        stacks = [self.aws.stacks.find(name) for name in (self.names.base, self.names.stack)]
        return {key: value for stack in stacks if stack for key, value in stack.outputs.items()}

    def detail(self, line: str) -> None:
        self.console.say(f"      {line}")

    @cached_property
    def page(self) -> Path:
        return self.root / "frontend" / "dist"
