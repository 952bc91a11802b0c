"""The table of limits: periods, refusals, and other numbers for a stage."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.limits import LIMITS, MESSAGES, STARTS, period_of, read_limits, refusal
from chalicelib.errors import ConfigError

NOON = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


def test_every_limit_has_room_for_a_person() -> None:
    assert set(LIMITS) == {"messages", "starts", "conversations", "bytes", "turns", "tickets", "searches"}
    assert all(limit.most > 1 and limit.period >= timedelta(seconds=10) for limit in LIMITS.values())


def test_a_period_begins_where_the_clocks_does() -> None:
    assert period_of(LIMITS[MESSAGES], NOON + timedelta(seconds=59.9)) == NOON
    assert period_of(LIMITS[STARTS], NOON + timedelta(minutes=59)) == NOON


@pytest.mark.parametrize(("passed", "left"), [(0.0, 60), (0.5, 60), (30.0, 30), (59.0, 1), (59.999, 1)])
def test_a_refusal_says_when_the_next_period_begins(passed: float, left: int) -> None:
    moment = NOON + timedelta(seconds=passed)
    error = refusal(LIMITS[MESSAGES], moment)
    assert error.retry_after == left
    assert period_of(LIMITS[MESSAGES], moment + timedelta(seconds=error.retry_after)) > NOON
    assert f"again in {left} s" in str(error)


def test_a_stage_may_have_other_numbers() -> None:
    table = read_limits("messages=600, starts=7")
    assert (table["messages"].most, table["starts"].most) == (600, 7)
    assert table["tickets"] == LIMITS["tickets"]
    assert read_limits("") == LIMITS


@pytest.mark.parametrize("text", ["messages", "messages=", "messages=0", "messages=-1", "letters=3", "messages=1.5"])
def test_a_wrong_number_stops_the_program_with_what_was_wanted(text: str) -> None:
    with pytest.raises(ConfigError, match=r"LIMITS has .* names: messages, starts"):
        read_limits(text)
