"""`python -m tests.docs.trace` writes docs/reference/message.md: which functions a message passes, by running one.

The simulation plays a history without faults; what the production code calls between a page's `send` to an agent that
is awake and the delivered answer is listed in the order of the first call.
"""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, field
from itertools import groupby
from types import FrameType
from typing import Any

from tests.docs.reference import FOLDER, ROOT
from tests.simulation.outcome import world_of
from tests.simulation.plan import Plan

MADE = "<!-- Made by `python -m tests.docs.trace`. -->"
OURS = ("app.py", "chalicelib/", "container/")
SEEDS = range(1, 60)  # in some of them the agent is awake when the second message comes


@dataclass
class Trace:
    """Listens from the `at`th message on, until an answer is delivered."""

    at: int
    calls: dict[tuple[str, str], None] = field(default_factory=dict)
    _sent: int = 0
    _listens: bool = False

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        path = frame.f_code.co_filename.removeprefix(f"{ROOT}/")
        if event != "call" or not path.startswith(OURS):
            return
        call = (path, frame.f_code.co_qualname)
        if call == ("chalicelib/services/chat.py", "Chat.receive"):
            self._sent += '"send"' in str(frame.f_locals.get("body", ""))
            self._listens = self._listens or (self._sent == self.at and not self.calls)
        if self._listens and "<" not in call[1] and not call[1].startswith("_") and "__" not in call[1]:
            self.calls.setdefault(call)
        if call == ("chalicelib/tables/answers.py", "Answers.delivered"):
            self._listens = False

    @property
    def is_warm(self) -> bool:
        names = {name for _, name in self.calls}
        return "Answers.delivered" in names and not names & {"Wake.start", "Watchdog.run", "BridgeLifecycle.run"}


def trace() -> Trace:
    """Of the first history in which the agent is awake when the second message comes."""
    for seed in SEEDS:
        found = Trace(at=2)
        sys.setprofile(found)
        try:
            world_of(Plan(seed, users=1, messages=4, pages=1, only=frozenset()))
        finally:
            sys.setprofile(None)
        if found.is_warm:
            return found
    raise LookupError("in none of these histories the agent is awake")


def page(calls: list[tuple[str, str]]) -> str:
    files = {path for path, _ in calls}
    head = (
        f"From a page's `send` to an agent that is awake to the delivered answer: {len(calls)} functions and methods",
        f"in {len(files)} files, in the order in which each is first called. A module's private helpers are left out;",
        "threads run beside each other ([architecture](../architecture.md) says which owns what).",
    )
    lines = [MADE, "# A message, by file and function", "", *head, "", "| file | functions |", "|---|---|"]
    for path, group in groupby(calls, key=lambda call: call[0]):
        lines.append(f"| `{path}` | {', '.join(f'`{name}`' for _, name in group)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    (FOLDER / "message.md").write_text(page(list(trace().calls)))
