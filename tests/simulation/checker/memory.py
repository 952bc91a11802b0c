"""What the agent knows: generations follow each other, restores are whole, nothing good is replaced by nothing."""

from __future__ import annotations

from collections import defaultdict

from tests.simulation.checker.invariant import Invariant
from tests.simulation.history import Event

MOST_LOST = 60.0
SLACK = 12.0  # the copy itself, and clocks
Place = tuple[str, int]  # user, epoch


class Linear(Invariant):
    name = "generations follow each other, written by the newest epoch alone"

    def on_manifest(self, event: Event) -> None:
        facts, (old, new) = event.facts, event.facts["epochs"]
        before, points = facts["before"], facts["points"]
        self.demand(old <= new == facts["writer"], event, f"epoch {facts['writer']} wrote {new} over {old}")
        fresh = [number for number in points if number not in before]
        follows = fresh in ([], [max(before, default=0) + 1])
        self.demand(follows, event, f"{facts['user']}: {points} follows {before}")


class Whole(Invariant):
    name = "a restore gives exactly what was saved, or nothing"

    def __init__(self) -> None:
        super().__init__()
        self._copied: dict[str, set[str]] = defaultdict(set)

    def on_copied(self, event: Event) -> None:
        self._copied[event.facts["user"]].add(event.facts["digest"])

    def on_restored(self, event: Event) -> None:
        known = event.facts["digest"] in self._copied[event.facts["user"]]
        self.demand(known, event, f"{event.facts['user']} got a state that never was")


class NothingOverSomething(Invariant):
    name = "no backup without a restore before it"

    def __init__(self) -> None:
        super().__init__()
        self._restored: set[str] = set()
        self._empty: set[str] = set()

    def on_restored(self, event: Event) -> None:
        self._restored.add(event.by)

    def on_manifest(self, event: Event) -> None:
        before, points = event.facts["before"], event.facts["points"]
        if not before:
            self._empty.add(event.by)
        if points != before:
            fine = event.by in self._restored | self._empty
            self.demand(fine, event, f"{event.by} backed up what it had never restored")


class Remembers(Invariant):
    name = "SIGKILL loses at most 60 s of what the agent knows, SIGTERM nothing"

    def __init__(self) -> None:
        super().__init__()
        self._answered: dict[str, dict[str, float]] = defaultdict(dict)
        self._deaths: dict[str, tuple[float, bool]] = {}
        self._owners: dict[str, int] = {}  # epochs that had the state last
        self._troubled = False

    def on_fault(self, event: Event) -> None:
        self._troubled |= event.facts["fault"].startswith("s3")

    def on_llm_end(self, event: Event) -> None:
        if event.facts["state"] == "done":
            self._answered[event.facts["user"]][event.facts["message"]] = event.at

    def on_task_ended(self, event: Event) -> None:
        if self._owners.get(event.facts["user"]) == event.facts["epoch"]:
            self._deaths[event.facts["user"]] = (event.at, event.facts["why"] == "it left by itself")

    def on_restored(self, event: Event) -> None:
        self._compare(event, event.facts["answered"])

    def on_manifest(self, event: Event) -> None:
        """The claim of a manifest that has nothing to restore."""
        old, new = event.facts["epochs"]
        if old != new and not event.facts["points"]:
            self._compare(event, [])
        self._owners[event.facts["user"]] = new

    def _compare(self, event: Event, there: list[str]) -> None:
        """With the last container that ended; nothing is promised while S3 fails."""
        user = event.facts["user"]
        died, orderly = self._deaths.pop(user, (0.0, True))
        safe = died if orderly else died - MOST_LOST - SLACK
        lost = [name for name in self._answered[user] if name not in there]
        early = [name for name in lost if self._answered[user][name] < safe]
        self.demand(self._troubled or not early, event, f"{user}'s agent has forgotten {early}")
        for name in lost:
            del self._answered[user][name]
