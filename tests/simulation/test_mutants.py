from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.simulation.fleet import hunt_all
from tests.simulation.mutants import MUTANTS
from tests.simulation.outcome import Outcome, run
from tests.simulation.plan import Plan, read_ranges
from tests.simulation.shrink import shrink

KNOWN = {  # seeds that have given a mutant away, so that most runs need not hunt for long
    **{"two-starts": 2, "never-asks": 2, "retry-nobody-runs": 3, "no-spot": 4, "throttled-is-gone": 4},
    **{"waits-for-ever": 4, "half-thrown-away": 6, "no-address": 8, "backup-over-good": 8, "no-pin": 10},
    **{"one-buffer": 10, "refused-is-sent": 10, "half-read": 12, "sees-no-switch": 12, "no-lease": 13},
    **{"scan-then-stop": 14, "late-part": 16, "loops-for-ever": 16, "last-gasp": 17, "held-for-ever": 18},
    **{"deaf-while-asking": 25, "old-epoch": 26, "ignores-sigterm": 26, "lost-claim": 39},
    **{"other-after-crash": 43, "sends-after-stop": 103, "never-found-dead": 169},
}


@pytest.fixture(scope="module")
def caught() -> Mapping[str, Outcome]:
    return dict(zip(MUTANTS, hunt_all(MUTANTS, KNOWN), strict=True))


@pytest.mark.parametrize("name", MUTANTS)
def test_a_bug_that_others_shipped_is_found(
    name: str, caught: Mapping[str, Outcome], say: Callable[[str], None]
) -> None:
    outcome, mutant = caught[name], MUTANTS[name]
    assert outcome.fails, f"nothing noticed: {mutant.what}"
    number = f"{mutant.number:2}." if mutant.number else " + "
    say(f"{number} {mutant.what}: seed {outcome.plan.seed}, “{outcome.broken[0]}”")


def test_what_gives_a_mutant_away_is_the_mutant() -> None:
    assert not run(Plan(1)).fails
    assert run(Plan(1, mutant="ack-first")).fails


def test_a_failing_history_shrinks_to_a_line_that_fails_in_the_same_way() -> None:
    failed = run(Plan(1, mutant="busy-rejects"))
    small = shrink(failed, tries=60)
    assert failed.broken[0] in run(small).broken
    assert small.command().startswith("python -m tests.simulation --seed 1 --users 1 --messages")
    assert small.only is not None
    assert len(small.only) < failed.struck / 2


def test_faults_are_named_by_ranges() -> None:
    plan = Plan(7, users=1, only=frozenset({1, 2, 3, 9}), mutant="no-pin", without=frozenset({"s3_lost"}))
    command = "python -m tests.simulation --seed 7 --users 1 --mutant no-pin --without s3_lost --only 1-3,9"
    assert plan.command() == command
    assert read_ranges("1-3,9") == plan.only
    assert read_ranges("none") == frozenset()
