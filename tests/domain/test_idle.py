from datetime import timedelta

import pytest

from chalicelib.domain.agent import Agent, idle_after
from chalicelib.domain.idle import adapted

QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(("days", "minutes"), [(0, 15), (2, 15), (3, 30), (14, 30)])
def test_an_hour_in_which_the_user_usually_writes_waits_longer(days: int, minutes: int) -> None:
    assert adapted(QUARTER, days) == timedelta(minutes=minutes)


def test_no_hour_waits_longer_than_an_hour_for_that_reason() -> None:
    assert adapted(timedelta(minutes=45), 14) == timedelta(hours=1)


def test_a_long_idle_time_that_the_user_chose_is_never_cut() -> None:
    assert adapted(timedelta(hours=3), 14) == timedelta(hours=3)


def test_the_idle_time_that_holds_is_the_adapted_one_then_the_chosen_one_then_the_default() -> None:
    assert idle_after(Agent("ada", idle_minutes=5, idle_seconds=600), QUARTER) == timedelta(minutes=10)
    assert idle_after(Agent("ada", idle_minutes=5), QUARTER) == timedelta(minutes=5)
    assert idle_after(Agent("ada"), QUARTER) == QUARTER
