"""What the simulated model says, and how long its tools take."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from chalicelib.domain.turn import Delta
from tests.simulation.ports import Line

WORDS = ("yes", "안녕", "naïve", "🎉", "\n\n", "code", "**bold**", "well", "…", "다음", "x" * 300)
LOOP = 500  # tools, of three seconds each: more than a turn may use, and over within the calm where nobody waits


def loop() -> Iterator[Delta | float]:
    """Always one more tool, until OpenClaw's own limit of time."""
    for number in range(1, LOOP):
        yield 3.0
        yield Delta(f"Once more ({number}). ")


def script(dice: Random, question: str) -> list[Delta | float]:
    """What the model says: words, now and then all of it anew, a tool that takes its time, or very much at once."""
    events: list[Delta | float] = [Delta(f"To {question!r}: ")]
    for _ in range(dice.choice((0, 2, 5, 20))):
        events.append(Delta(" ".join(dice.choice(WORDS) for _ in range(dice.randint(1, 6)))))
    if dice.random() < 0.08:
        events.append(dice.uniform(100, 420))
        events.append(Delta("That took a while."))
    for number in range(dice.choice((0, 0, 0, 1, 3))):
        events.append(dice.uniform(0, 2))
        events.append(Delta(f"Step {number}. "))
    if dice.random() < 0.1:
        events.append(Delta(f"No: let me begin again, to {question!r}. ", replace=True))
    if dice.random() < 0.05:
        events.append(Delta("긴 글 " * 6000))
    events.append(Delta(f" ({dice.randrange(10**6)})"))
    return events


def think(line: Line, dice: Random) -> bool:
    """For ten minutes, here or later."""
    here = dice.random() < 0.3
    if here:
        line.history.count("a model was silent for ten minutes")
        line.scheduler.pause(600)
    return here
