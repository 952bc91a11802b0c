"""Tasks: one at a time, none forgotten, none stopped while it works, none declared gone while it lives."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from tests.simulation.checker.invariant import Invariant
from tests.simulation.history import Event

HANDOVER = 120.0
IDLE, PERIOD, STOP, SLACK = 120.0, 60.0, 120.0, 45.0
ORPHAN = 600.0
UNANSWERED = 3
SKEW = 10.0  # between two clocks
Place = tuple[str, int]  # user, epoch


class OneTask(Invariant):
    name = "one billable task per user, two for at most 120 s"

    def __init__(self) -> None:
        super().__init__()
        self._running: dict[str, dict[str, float]] = defaultdict(dict)
        self._doubled: dict[str, float] = {}

    def on_task_running(self, event: Event) -> None:
        tasks = self._running[event.facts["user"]]
        tasks[event.facts["task"]] = event.at
        if len(tasks) == 2:
            self._doubled[event.facts["user"]] = event.at

    def on_task_ended(self, event: Event) -> None:
        user, tasks = event.facts["user"], self._running[event.facts["user"]]
        tasks.pop(event.facts["task"], None)
        if len(tasks) < 2 and user in self._doubled:
            together = event.at - self._doubled.pop(user)
            self.demand(together <= HANDOVER + 5, event, f"{user} had two tasks for {together:.0f} s")


class OneOwner(Invariant):
    name = "a container works for one person"

    def __init__(self) -> None:
        super().__init__()
        self._owners: dict[str, str] = {}

    def on_task_created(self, event: Event) -> None:
        self._owners[event.facts["task"]] = event.facts["user"]

    def on_row(self, event: Event) -> None:
        user, task = event.facts["user"], event.facts["row"].get("taskArn")
        owner = self._owners.get(task)
        self.demand(owner in (None, user), event, f"{user}'s row claims {task} of {owner}")


class TrulyGone(Invariant):
    name = "only a task that is gone is declared gone"

    def __init__(self) -> None:
        super().__init__()
        self._alive: dict[Place, set[str]] = defaultdict(set)

    def on_task_running(self, event: Event) -> None:
        self._alive[event.facts["user"], event.facts["epoch"]].add(event.facts["task"])

    def on_task_ended(self, event: Event) -> None:
        self._alive[event.facts["user"], event.facts["epoch"]].discard(event.facts["task"])

    def on_row(self, event: Event) -> None:
        before, row, user = event.facts["before"], event.facts["row"], event.facts["user"]
        if before.get("status") not in ("Running", "Stopping") or row.get("status") != "Idle":
            return
        if event.facts["writer"] != row.get("epoch"):
            alive = self._alive[user, row.get("epoch", 0)]
            self.demand(not alive, event, f"{event.by} says that {user}'s task is gone, and {sorted(alive)} lives")


class BusyStop(Invariant):
    name = "no busy agent is stopped for idleness"

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[str, set[str]] = defaultdict(set)
        self._active: dict[str, float] = defaultdict(float)
        self._terminated: set[Place] = set()
        self._halted: set[str] = set()
        self._rows: dict[str, dict[str, Any]] = {}

    def on_halt(self, event: Event) -> None:
        """Whatever the agent does, it is stopped."""
        change = self._halted.add if event.facts["there"] else self._halted.discard
        change(event.facts["user"])

    def on_accepted(self, event: Event) -> None:
        self._waiting[event.facts["user"]].add(event.facts["id"])
        self._active[event.facts["user"]] = event.at

    def on_closed(self, event: Event) -> None:
        self._waiting[event.facts["user"]].discard(event.facts["id"])
        self._active[event.facts["user"]] = event.at

    def on_sigterm(self, event: Event) -> None:
        self._terminated.add((event.facts["user"], event.facts["epoch"]))

    def on_stop_task(self, event: Event) -> None:
        row = self._rows.get(event.facts["user"], {})
        owned = row.get("epoch") == event.facts["epoch"] and row.get("taskArn") in (None, event.facts["task"])
        wanted = owned and row.get("status") in ("Starting", "Running")
        self.demand(not wanted, event, f"{event.facts['task']} was stopped while the row is {row.get('status')}")

    def on_row(self, event: Event) -> None:
        before, row, user = event.facts["before"], event.facts["row"], event.facts["user"]
        self._rows[user] = row
        if (before.get("status"), row.get("status")) != ("Running", "Stopping"):
            return
        if (user, row["epoch"]) in self._terminated or user in self._halted:
            return
        self.demand(not self._waiting[user], event, f"{event.by} stops {user} while {self._waiting[user]} wait")
        quiet = event.at - self._active[user]
        asked = "stop" in event.by
        self.demand(asked or quiet >= IDLE - SKEW, event, f"{event.by} stops {user} after {quiet:.0f} s of quiet")


class OwnWorkStop(Invariant):
    name = "no agent is stopped for idleness while it works by itself"

    def __init__(self) -> None:
        super().__init__()
        self._commands: dict[str, int] = defaultdict(int)  # that run, by OpenClaw
        self._unanswered: dict[str, int] = defaultdict(int)  # questions in a row, by bridge
        self._told: dict[str, int] = defaultdict(int)  # the epoch that was told to stop, by user
        self._halted: set[str] = set()

    def on_own_work(self, event: Event) -> None:
        self._commands[event.facts["openclaw"]] = event.facts["commands"]

    def on_suspend_asked(self, event: Event) -> None:
        self._unanswered[event.by] = 0 if event.facts["answered"] else self._unanswered[event.by] + 1

    def on_halt(self, event: Event) -> None:
        change = self._halted.add if event.facts["there"] else self._halted.discard
        change(event.facts["user"])

    def on_sigterm(self, event: Event) -> None:
        self._told[event.facts["user"]] = event.facts["epoch"]

    def on_row(self, event: Event) -> None:
        before, row, user = event.facts["before"], event.facts["row"], event.facts["user"]
        if (before.get("status"), row.get("status")) != ("Running", "Stopping"):
            return
        asked = "stop" in event.by or user in self._halted or self._told[user] == row["epoch"]
        unknown = self._unanswered[f"bridge {row.get('taskArn')}"] >= UNANSWERED
        commands = self._commands[f"openclaw {row.get('taskArn')}"]
        words = f"{event.by} stops {user} in the middle of {commands} commands"
        self.demand(asked or unknown or not commands, event, words)


class NoneForgotten(Invariant):
    name = "orphans and idle tasks end in time"

    def __init__(self) -> None:
        super().__init__()
        self._calm: float | None = None
        self._active: dict[str, float] = defaultdict(float)
        self._running: dict[str, tuple[str, float]] = {}

    def on_calm(self, event: Event) -> None:
        self._calm = event.at

    def on_row(self, event: Event) -> None:
        self._active[event.facts["user"]] = event.at

    def on_llm_run(self, event: Event) -> None:
        self._active[event.facts["user"]] = event.at

    def on_task_running(self, event: Event) -> None:
        self._running[event.facts["task"]] = (event.facts["user"], event.at)

    def on_task_ended(self, event: Event) -> None:
        if self._calm is None or event.facts["task"] not in self._running:
            return
        user, started = self._running.pop(event.facts["task"])
        active = max(self._calm, self._active[user], started)
        limit = ORPHAN + 2 * PERIOD + STOP + SLACK
        self.demand(event.at - active <= limit, event, f"a task of {user} lived {event.at - active:.0f} s for nobody")


class Terminated(Invariant):
    name = "who hears SIGTERM takes nothing new and leaves by itself"

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[Place, float] = {}
        self._faulty: Counter[str] = Counter()

    def on_sigterm(self, event: Event) -> None:
        self._told.setdefault((event.facts["user"], event.facts["epoch"]), event.at)

    def on_fault(self, event: Event) -> None:
        if event.facts["fault"].startswith("store"):
            self._faulty[event.by] += 1

    def on_claimed(self, event: Event) -> None:
        told = self._told.get((event.facts["user"], event.facts["claim"]))
        late = told is not None and event.at - told > 15
        self.demand(not late, event, f"{event.facts['id']} was claimed long after SIGTERM")

    def on_task_ended(self, event: Event) -> None:
        if event.facts["why"] == "SIGKILL after SIGTERM":
            troubled = self._faulty[f"bridge {event.facts['task']}"]
            self.demand(bool(troubled), event, f"{event.facts['task']} had to be killed")
