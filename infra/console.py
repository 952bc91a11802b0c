"""What the driver says and asks. Secrets are asked for without echo and never said."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from infra.errors import DriverError


@dataclass
class Console:
    out: TextIO = field(default_factory=lambda: sys.stdout)
    listen: Callable[[str], str] = input
    listen_secretly: Callable[[str], str] = getpass.getpass
    interactive: bool = field(default_factory=sys.stdin.isatty)

    def say(self, line: str = "") -> None:
        self.out.write(f"{line}\n")
        self.out.flush()

    def ask(self, question: str, otherwise: str) -> str:
        """`otherwise` says how to answer where nobody can be asked."""
        self._demand_listener(question, otherwise)
        return self.listen(f"{question} ").strip()

    def ask_secret(self, question: str, otherwise: str) -> str:
        self._demand_listener(question, otherwise)
        return self.listen_secretly(f"{question} ").strip()

    def confirm(self, question: str) -> bool:
        return self.ask(f"{question} [y/N]", "give --yes").lower() in ("y", "yes")

    def _demand_listener(self, question: str, otherwise: str) -> None:
        if not self.interactive:
            raise DriverError(f"{question} Nobody can be asked here: {otherwise}.")
