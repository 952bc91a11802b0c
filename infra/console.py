"""The terminal: progress, questions and answers. Secrets are asked for without echo and never printed."""

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
    read: Callable[[str], str] = input
    read_secret: Callable[[str], str] = getpass.getpass
    interactive: bool = field(default_factory=sys.stdin.isatty)

    def say(self, line: str = "") -> None:
        self.out.write(f"{line}\n")
        self.out.flush()

    def ask(self, question: str, otherwise: str) -> str:
        """`otherwise` says how to answer where nobody can be asked."""
        self._require_terminal(question, otherwise)
        return self.read(f"{question} ").strip()

    def ask_secret(self, question: str, otherwise: str) -> str:
        self._require_terminal(question, otherwise)
        return self.read_secret(f"{question} ").strip()

    def confirm(self, question: str) -> bool:
        return self.ask(f"{question} [y/N]", "give --yes").lower() in ("y", "yes")

    def _require_terminal(self, question: str, otherwise: str) -> None:
        if not self.interactive:
            raise DriverError(f"{question} Nobody can be asked here: {otherwise}.")
