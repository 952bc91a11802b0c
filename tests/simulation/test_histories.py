from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

import pytest

from tests.simulation.coverage import WANTED
from tests.simulation.fleet import run_all
from tests.simulation.outcome import run, world_of
from tests.simulation.plan import Plan
from tests.simulation.shrink import shrink

SEEDS = 500


def test_five_hundred_histories_keep_the_promise_and_meet_every_rare_situation(
    say: Callable[[str], None],
) -> None:
    seen: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for outcome in run_all(Plan(seed) for seed in range(1, SEEDS + 1)):
        if outcome.fails:
            pytest.fail(f"{outcome.violations[0]}\nreplay: {shrink(outcome).command()}")
        seen.update(outcome.situations)
        numbers.update(outcome.numbers)
    say(f"{SEEDS} histories, none broke the promise:")
    for name, number in (*numbers.items(), *((name, seen[name]) for name in WANTED)):
        say(f"{number:10,}  {name}")
    assert not [name for name in WANTED if not seen[name]]


@pytest.mark.parametrize("seed", [1, 4, 13])
def test_the_same_seed_gives_the_same_history_twice(seed: int) -> None:
    assert world_of(Plan(seed)).history.digest() == world_of(Plan(seed)).history.digest()


def test_another_process_with_other_hashes_gives_the_same_history() -> None:
    code = (
        "import logging; logging.disable(logging.CRITICAL)\n"
        "from tests.simulation.outcome import world_of\n"
        "from tests.simulation.plan import Plan\n"
        "print(world_of(Plan(4)).history.digest())"
    )
    for hashes in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": hashes}
        told = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
        assert told.stdout.strip() == world_of(Plan(4)).history.digest()


def test_a_history_without_faults_needs_none_to_be_checked() -> None:
    outcome = run(Plan(1, only=frozenset()))
    assert outcome.broken == []
    assert outcome.numbers["faults"] == 0
