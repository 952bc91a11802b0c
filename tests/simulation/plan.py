"""What one history is made from: a seed, its size, and what of its faults is left out. Prints as a command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

STORM = 900.0  # seconds with faults, of virtual time
CALM = 3600.0  # the most that is waited afterwards for everything to come to rest


@dataclass(frozen=True)
class Plan:
    seed: int
    users: int | None = None  # None: the seed says
    messages: int | None = None  # of each user, at most
    pages: int | None = None
    phones: bool = False  # does each user have a linked chat, and are there strangers who write to the bot?
    storm: float = STORM
    without: frozenset[str] = frozenset()  # kinds of faults
    only: frozenset[int] | None = None  # numbers of the faults that may happen; None: all
    mutant: str | None = None

    def command(self) -> str:
        """The line that replays it."""
        return " ".join(("python -m tests.simulation", *self._options()))

    def _options(self) -> Iterable[str]:
        yield f"--seed {self.seed}"
        for name in ("users", "messages", "pages", "mutant"):
            if (value := getattr(self, name)) is not None:
                yield f"--{name} {value}"
        if self.phones:
            yield "--phones"
        if self.storm != STORM:
            yield f"--storm {self.storm:g}"
        if self.without:
            yield f"--without {','.join(sorted(self.without))}"
        if self.only is not None:
            yield f"--only {ranges(self.only) or 'none'}"

    def but(self, **changes: object) -> Plan:
        return replace(self, **changes)  # type: ignore[arg-type]


def ranges(numbers: Iterable[int]) -> str:
    """`1-3,7`"""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in spans)


def read_ranges(text: str) -> frozenset[int]:
    if text == "none":
        return frozenset()
    spans = [part.partition("-") for part in text.split(",")]
    return frozenset(number for first, _, last in spans for number in range(int(first), int(last or first) + 1))
