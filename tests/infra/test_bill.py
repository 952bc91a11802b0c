from __future__ import annotations

from pathlib import Path

from infra.commands.cost import markdown, plain

COSTS = Path(__file__).parent.parent.parent / "docs" / "costs.md"


def test_the_page_on_costs_is_what_the_model_says() -> None:
    assert COSTS.read_text() == markdown()


def test_each_use_has_its_sum() -> None:
    assert plain().count("a month") == 3
