"""The agent's row: legal steps, one epoch after the other, counters that count, writers that may write."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from tests.simulation.checker.invariant import Invariant
from tests.simulation.history import Event

LEGAL = {
    "Idle": {"Starting"},
    "Starting": {"Running", "Stopping", "Idle"},
    "Running": {"Stopping", "Idle"},
    "Stopping": {"Idle"},
}
POISON = 3


class Steps(Invariant):
    name = "the agent's states follow each other as they may"

    def on_row(self, event: Event) -> None:
        before, after = event.facts["before"], event.facts["row"]
        old, new = before.get("status", "Idle"), after.get("status", "Idle")
        raised = after.get("epoch", 0) - before.get("epoch", 0)
        self.demand(old == new or new in LEGAL[old], event, f"{event.facts['user']}: {old} -> {new}")
        expected = int((old, new) == ("Idle", "Starting"))
        self.demand(raised == expected, event, f"{event.facts['user']}: {old} -> {new} raised the epoch by {raised}")


class Counters(Invariant):
    name = "the counters count: pending, undelivered, inflight"

    def __init__(self) -> None:
        super().__init__()
        self._inbox: dict[str, dict[str, int]] = defaultdict(dict)  # claim epochs by message
        self._outbox: dict[str, int] = defaultdict(int)
        self._rows: dict[str, dict[str, Any]] = {}

    def on_accepted(self, event: Event) -> None:
        self._inbox[event.facts["user"]][event.facts["id"]] = 0

    def on_claimed(self, event: Event) -> None:
        self._inbox[event.facts["user"]][event.facts["id"]] = event.facts["claim"]

    def on_closed(self, event: Event) -> None:
        self._inbox[event.facts["user"]].pop(event.facts["id"], None)

    def on_outbox(self, event: Event) -> None:
        self._outbox[event.facts["user"]] += 1 if event.facts["there"] else -1

    def on_row(self, event: Event) -> None:
        self._rows[event.facts["user"]] = event.facts["row"]

    def on_written_all(self, event: Event) -> None:
        """All of one transaction has been seen."""
        for user, row in self._rows.items():
            inbox = self._inbox[user]
            mine = sum(1 for claim in inbox.values() if claim == row.get("epoch"))
            there = (len(inbox), self._outbox[user], mine)
            said = (row.get("pending", 0), row.get("undelivered", 0), row.get("inflight", 0))
            self.demand(there[:2] == said[:2], event, f"{user}: the row says {said}, there are {there}")
            if row.get("status") == "Running":
                self.demand(there[2] == said[2], event, f"{user}: the row says {said}, there are {there}")
        self._rows.clear()


class OldEpoch(Invariant):
    name = "writes of an old epoch have no effect"

    def __init__(self) -> None:
        super().__init__()
        self._epochs: dict[str, int] = {}

    def on_row(self, event: Event) -> None:
        facts = event.facts
        changed = {key for key in facts["row"].keys() | facts["before"].keys() if _differ(key, facts)}
        self._epochs[facts["user"]] = facts["row"].get("epoch", 0)
        if changed != {"undelivered"}:  # an old outbox row may leave with whoever brought it away
            self._check(event)

    def on_claimed(self, event: Event) -> None:
        self._check(event)

    def on_closed(self, event: Event) -> None:
        self._check(event)

    def on_entry(self, event: Event) -> None:
        self._check(event)

    def _check(self, event: Event) -> None:
        writer, epoch = event.facts["writer"], self._epochs.get(event.facts["user"], 0)
        current = writer is None or writer == epoch
        self.demand(current, event, f"{event.by} of epoch {writer} wrote a {event.kind} in epoch {epoch}")


class Claims(Invariant):
    name = "only a running agent claims, and never a fourth time"

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, dict[str, Any]] = {}
        self._claims: dict[str, int] = {}

    def on_row(self, event: Event) -> None:
        self._rows[event.facts["user"]] = event.facts["row"]

    def on_claimed(self, event: Event) -> None:
        facts = event.facts
        self._claims[facts["id"]] = facts["claims"]
        if facts["claim"]:
            row = self._rows.get(facts["user"], {})
            fine = row.get("status") == "Running" and row.get("epoch") == facts["claim"]
            self.demand(fine, event, f"{facts['id']} claimed by {facts['claim']} while the row is {row.get('status')}")

    def on_llm_run(self, event: Event) -> None:
        claims = self._claims.get(event.facts["message"], 0) if event.facts["asked"] else 0
        self.demand(claims <= POISON, event, f"{event.facts['message']} runs in its claim {claims}")


def _differ(key: str, facts: dict[str, Any]) -> bool:
    return bool(facts["row"].get(key) != facts["before"].get(key))
