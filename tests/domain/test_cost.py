from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.cost import DAILY, HEAVY, IDLE, USES, Free, Prices, Use, month, total

NO_GIFTS = Free(0, 0, 0, 0, 0, 0, 0)


def dollars(use: Use, *names: str) -> float:
    return sum(item.dollars for item in month(use) if item.name in names)


def test_an_idle_month_costs_five_cents_at_most() -> None:
    assert total(month(IDLE)) <= 0.05


def test_two_hours_a_day_on_spot_cost_what_is_promised_for_the_machine() -> None:
    assert dollars(DAILY, "Fargate", "Public address of a task") <= 1.20


def test_two_hours_a_day_cost_less_than_a_dollar_and_a_half_with_everything() -> None:
    assert total(month(DAILY)) <= 1.50


def test_an_hour_of_spot_costs_three_tenths_of_one_on_demand() -> None:
    spot = dollars(DAILY, "Fargate")
    assert spot == pytest.approx(0.3 * dollars(replace(DAILY, spot=0), "Fargate"))


def test_more_use_costs_more() -> None:
    assert total(month(IDLE)) < total(month(DAILY)) < total(month(HEAVY))


@pytest.mark.parametrize("use", USES)
def test_nothing_is_ever_paid_back(use: Use) -> None:
    assert all(item.dollars >= 0 for item in month(use))


def test_without_free_tiers_every_item_of_a_used_month_costs() -> None:
    assert all(item.dollars > 0 for item in month(HEAVY, free=NO_GIFTS))


def test_own_prices_count() -> None:
    assert total(month(DAILY, Prices(address_hour=1))) > 60
