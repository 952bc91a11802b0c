"""One plan played and checked: what there is to tell of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.checker.check import check
from tests.simulation.checker.invariant import Violation
from tests.simulation.coverage import situations
from tests.simulation.mutants import MUTANTS
from tests.simulation.parts import Parts
from tests.simulation.plan import Plan
from tests.simulation.world import World, play


@dataclass(frozen=True)
class Outcome:
    plan: Plan
    violations: tuple[Violation, ...] = ()
    situations: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)  # events by kind, faults
    struck: int = 0

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
        Counter(event.kind for event in events),
        world.faults.struck,
    )


def world_of(plan: Plan) -> World:
    return play(plan, MUTANTS[plan.mutant].parts() if plan.mutant else Parts())
