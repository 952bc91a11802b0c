"""A failing plan made smaller while it still fails in the same way: fewer people, messages, pages and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.simulation.outcome import Outcome, run
from tests.simulation.plan import Plan

Try = Callable[[Plan], Outcome | None]  # the outcome, if it still fails in the same way


def shrink(failed: Outcome, tries: int = 300) -> Plan:
    """The smallest plan found within so many tries."""
    left = iter(range(tries))

    def attempt(plan: Plan) -> Outcome | None:
        if next(left, None) is None:
            return None
        outcome = run(plan)
        return outcome if failed.broken[0] in outcome.broken else None

    outcome = _smaller(failed, attempt)
    return _fewer_faults(outcome, attempt).plan


def _smaller(outcome: Outcome, attempt: Try) -> Outcome:
    for name, sizes in (("users", (1, 2)), ("messages", (1, 2, 3, 4, 6)), ("pages", (1, 2))):
        for size in sizes:
            if better := attempt(outcome.plan.but(**{name: size})):
                outcome = better
                break
    return outcome


def _fewer_faults(outcome: Outcome, attempt: Try) -> Outcome:
    """Leaves out halves, quarters … of the faults that happened."""
    numbers = sorted(outcome.plan.only or range(1, outcome.struck + 1))
    width = len(numbers)
    while width >= 1 and numbers:
        for gap in list(_spans(numbers, width)):
            fewer = [number for number in numbers if number not in gap]
            if better := attempt(outcome.plan.but(only=frozenset(fewer))):
                outcome, numbers = better, fewer
        width //= 2
    return outcome


def _spans(numbers: list[int], width: int) -> Iterator[frozenset[int]]:
    for at in range(0, len(numbers), width):
        yield frozenset(numbers[at : at + width])
