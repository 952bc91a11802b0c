from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.simulation.fleet import run_all
from tests.simulation.plan import Plan
from tests.simulation.shrink import shrink

SEEDS = 100
WANTED = (
    "a draft was shown",
    "a chat asked us to wait",
    "a chat refused the markup",
    "a call's answer was lost",
    "an update came twice at once",
    "an update came again an hour later",
    "an update was not taken",
    "an update overtook another",
    "a part joined its message",
    "a part came before one that was sent earlier",
    "a part came when its message was begun",
)


def test_a_hundred_histories_with_chats_keep_the_promise_and_meet_every_rare_situation(
    say: Callable[[str], None],
) -> None:
    seen: Counter[str] = Counter()
    for outcome in run_all(Plan(seed, phones=True) for seed in range(1, SEEDS + 1)):
        if outcome.fails:
            pytest.fail(f"{outcome.violations[0]}\nreplay: {shrink(outcome).command()}")
        seen.update(outcome.situations)
    say(f"{SEEDS} histories with chats, none broke the promise:")
    for name in WANTED:
        say(f"{seen[name]:10,}  {name}")
    assert not [name for name in WANTED if not seen[name]]
