"""Whether the owner's money allows another call: a port, and what stands there while nobody has set a limit."""

from __future__ import annotations

from typing import Protocol


class Allowance(Protocol):
    """Called by many threads at once."""

    def reserve(self, dollars: float) -> bool:
        """Before a call that may cost so much. False: it is spent, and nothing was reserved."""

    def settle(self, reserved: float, spent: float) -> None:
        """After it, once for each that was reserved."""


class Unlimited:
    def reserve(self, dollars: float) -> bool:
        return True

    def settle(self, reserved: float, spent: float) -> None:
        """Nobody counts."""
