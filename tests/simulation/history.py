"""What happened, in order: all that the checker knows, and what makes two runs of a seed comparable."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple


class Event(NamedTuple):
    at: float  # seconds of virtual time
    by: str  # the process
    kind: str
    facts: dict[str, Any]

    def __str__(self) -> str:
        facts = " ".join(f"{name}={_short(value)}" for name, value in self.facts.items())
        return f"{self.at:9.3f} {self.by:<18} {self.kind:<14} {facts}"


class History:
    def __init__(self, moment: Callable[[], tuple[float, str]]) -> None:
        self._moment = moment
        self.events: list[Event] = []
        self.rare: Counter[str] = Counter()  # situations that must not be rare in sum

    def note(self, kind: str, author: str | None = None, /, **facts: Any) -> None:
        """`author`: who did it, where it happens without them."""
        at, by = self._moment()
        self.events.append(Event(at, author or by, kind, facts))

    def count(self, situation: str) -> None:
        self.rare[situation] += 1

    def digest(self) -> str:
        """Equal for equal histories."""
        total = hashlib.sha256()
        for event in self.events:
            total.update(str(event).encode())
        return total.hexdigest()


def _short(value: Any) -> str:
    text = _stable(value)
    return text if len(text) <= 300 else f"{text[:200]}…{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _stable(value: Any) -> str:
    """The same words in every process: sets have no order of their own."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_stable(each)}" for name, each in value.items()) + "}"
    if isinstance(value, frozenset | set):
        return "{" + ", ".join(sorted(map(_stable, value))) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_stable, value)) + "]"
    return str(value)
