"""What the simulated OpenClaw works at by itself, and how it is suspended: it tells of both as the real one does."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from random import Random
from typing import Any

from tests.simulation.ports import Line

LEFT_RUNNING = 0.1  # of the runs begin something that goes on behind them
SECONDS = (20.0, 600.0)  # of it
LEASE = 120.0  # seconds until it goes on by itself
Launch = Callable[[Callable[[], None], str, float], None]


class Background:
    """Of one process of OpenClaw: commands that go on when the turn that began them is over."""

    def __init__(self, line: Line, name: str, launch: Launch) -> None:
        self._line, self._name, self._launch = line, name, launch
        self._commands: set[int] = set()
        self._until = 0.0  # this moment nothing new begins
        self._numbers = itertools.count(1)

    @property
    def suspended(self) -> bool:
        return self._line.scheduler.now < self._until

    def begin(self, dice: Random) -> None:
        """Perhaps: at the end of a run."""
        if dice.random() >= LEFT_RUNNING:
            return
        number = next(self._numbers)
        self._commands.add(number)
        self._note()

        def end() -> None:
            self._commands.discard(number)
            self._note()

        self._launch(end, "command", dice.uniform(*SECONDS))

    def die(self) -> None:
        """With its process."""
        if self._commands:
            self._commands.clear()
            self._note()

    def handle(self, method: str, turns: int) -> dict[str, Any]:
        """`turns`: how many run."""
        if method == "gateway.suspend.resume":
            self._until = 0.0
            return {}
        if self._commands or turns:
            if self._commands and not turns:
                self._line.history.count("work of its own kept an agent awake")
            return {"status": "busy", "blockers": [*self._blockers(), *_turns(turns)]}
        self._until = self._line.scheduler.now + LEASE
        return {"status": "ready", "suspensionId": "suspension", "blockers": []}

    def _blockers(self) -> list[dict[str, Any]]:
        count = len(self._commands)
        task = {"runtime": "cli"}
        each = {"kind": "background-exec", "count": count}
        return [each, *({"kind": "background-exec", "count": 1, "task": task} for _ in range(count))] if count else []

    def _note(self) -> None:
        self._line.history.note("own_work", openclaw=self._name, commands=len(self._commands))


def _turns(count: int) -> list[dict[str, Any]]:
    return [{"kind": "embedded-run", "count": count}] if count else []
