"""A short run of `tests/e2e/chaos.py`; docs/testing.md has the numbers of a long one."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.chaos import torment
from tests.e2e.product import Product

TURNS = 25


def test_random_kills_lose_no_message_and_answer_none_twice(hurt: Product, say: Callable[[str], None]) -> None:
    numbers = torment(hurt, TURNS, seed=1)

    say(f"random kills: {numbers}")
    assert numbers.turns == TURNS
    assert numbers.strikes.total() >= 2
