"""Work that OpenClaw does by itself, without a message: how much, in which words, how long it may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import Enum


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


ASK_PAUSE = timedelta(seconds=5)  # OpenClaw answers thirty such questions a minute
MISSES = 3  # in a row: then nothing is known of its work


class WorkVerdict(Enum):
    """What follows from an answer."""

    UNKNOWN = "unknown"  # it is asked again
    WORKS = "works"
    ENDED = "ended"  # what follows from work's end, such as a turn, may be yet to begin
    RESTS = "rests"  # it may be stopped


@dataclass(frozen=True)
class Watch:
    """What is remembered from look to look."""

    seq: int = 0  # the next message's number
    heard_at: datetime | None = None  # a person: their last message, or the start
    asked_at: datetime | None = None
    misses: int = 0  # questions in a row that got no answer
    works: bool = False

    def hear(self, seq: int, now: datetime) -> Watch:
        """A number that was given since the last look is a message."""
        return self if self.heard_at and seq == self.seq else replace(self, seq=seq, heard_at=now, misses=0)

    def may_ask(self, now: datetime) -> bool:
        return self.asked_at is None or now - self.asked_at >= ASK_PAUSE

    def is_over(self, now: datetime, hours: int, idle: timedelta) -> bool:
        """Has it worked by itself for as long as its owner allows? A longer idle time is a longer time allowed."""
        return self.heard_at is not None and now - self.heard_at >= max(timedelta(hours=hours), idle)

    def judge(self, work: OwnWork | None, now: datetime, *, over: bool) -> tuple[WorkVerdict, Watch]:
        """`work`: the answer. None for none, and where what keeps it ends in a moment."""
        asked = replace(self, asked_at=now, misses=self.misses + 1 if work is None else 0)
        if work is None:
            return (WorkVerdict.RESTS if asked.misses >= MISSES else WorkVerdict.UNKNOWN), asked
        if work == NOTHING:
            return (WorkVerdict.ENDED if self.works else WorkVerdict.RESTS), replace(asked, works=False)
        return (WorkVerdict.RESTS if over else WorkVerdict.WORKS), replace(asked, works=True)
