"""Work that OpenClaw does by itself, without a message: how much there is of it, and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class OwnWork:
    """Counts, as OpenClaw has them; all zero: none."""

    commands: int = 0  # in the background
    jobs: int = 0  # of its own schedule
    tasks: int = 0  # in the background: a sub-agent and the like
    turns: int = 0  # of the model, for none of these

    def counts(self) -> dict[str, int]:
        """By field, without zeros."""
        return {name: count for name, count in asdict(self).items() if count}


NOTHING = OwnWork()
WORDS: Mapping[str, tuple[str, str]] = {  # for one, for more
    "commands": ("1 command in the background", "{count} commands in the background"),
    "jobs": ("1 scheduled job", "{count} scheduled jobs"),
    "tasks": ("1 task in the background", "{count} tasks in the background"),
    "turns": ("1 turn", "{count} turns"),
}


def describe_work(counts: Mapping[str, int]) -> str:
    """In English, in one order."""
    return ", ".join(
        one if counts[name] == 1 else more.format(count=counts[name])
        for name, (one, more) in WORDS.items()
        if counts.get(name)
    )
