"""One plan played and checked: what there is to tell of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.simulation.checker.check import check
from tests.simulation.checker.invariant import Violation
from tests.simulation.coverage import situations
from tests.simulation.history import Event
from tests.simulation.mutants import MUTANTS
from tests.simulation.parts import Parts
from tests.simulation.plan import Plan
from tests.simulation.world import World, play

NUMBERED = {
    "written": "messages written",
    "llm_run": "runs of the model",
    "task_running": "tasks",
    "sigterm": "tasks told to stop",
    "openclaw_died": "deaths of OpenClaw",
    "fault": "faults",
    "push": "frames pushed",
    "write": "writes with an effect",
    "manifest": "writes of a manifest",
}


@dataclass(frozen=True)
class Outcome:
    plan: Plan
    violations: tuple[Violation, ...] = ()
    situations: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    struck: int = 0  # faults

    @property
    def fails(self) -> bool:
        return bool(self.violations)

    @property
    def broken(self) -> list[str]:
        """Names of the invariants that do not hold, the first one first."""
        return list(dict.fromkeys(violation.invariant for violation in self.violations))


def run(plan: Plan) -> Outcome:
    world = world_of(plan)
    events = world.history.events
    return Outcome(
        plan,
        tuple(check(events)),
        situations(events, world.history.rare),
        numbers(events),
        world.faults.struck,
    )


def numbers(events: Iterable[Event]) -> Counter[str]:
    """How much has happened, in words."""
    counted: Counter[str] = Counter()
    for event in events:
        counted[NUMBERED.get(event.kind, "")] += 1
        counted["machines lost without warning"] += event.facts.get("why") == "SIGKILL" and event.kind == "task_ended"
    del counted[""]
    return counted


def world_of(plan: Plan) -> World:
    return play(plan, MUTANTS[plan.mutant].parts() if plan.mutant else Parts())
