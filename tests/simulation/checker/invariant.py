"""What an invariant is: it sees every event once, in order, and says what it does not like."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.history import Event


@dataclass(frozen=True)
class Violation:
    invariant: str
    at: float
    words: str

    def __str__(self) -> str:
        return f"{self.invariant} at {self.at:.3f}: {self.words}"


class Invariant:
    """Children name themselves in words and have a method `on_<kind>` for each kind of event they look at."""

    name = ""

    def __init__(self) -> None:
        self.violations: list[Violation] = []

    def demand(self, holds: bool, event: Event, words: str) -> None:
        if not holds:
            self.violations.append(Violation(self.name, event.at, words))
