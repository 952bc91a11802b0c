"""Estimates, times, models, and when an agent may sleep."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.estimate import SHIPPED, WINDOW, Estimate, estimate
from chalicelib.domain.idle import quiet_since
from chalicelib.domain.models import DEMO_MODEL, PROVIDERS, Models, available, default_model
from chalicelib.domain.times import from_text, to_seconds, to_text
from tests.fakes.clock import NOON

IDLE = timedelta(minutes=15)
RUNNING = Agent("ada", State.RUNNING, epoch=1, last_active_at=NOON - IDLE)


def test_before_the_first_start_the_estimate_is_what_was_measured_elsewhere() -> None:
    assert estimate([]) == SHIPPED == Estimate(34.0, 51.0)


def test_one_bad_start_does_not_spoil_the_estimate() -> None:
    assert estimate([300.0]) == SHIPPED
    assert estimate([300.0, 8.0]).p50 == 8.0
    assert estimate([8.0, 300.0, 9.0]) == Estimate(9.0, 27.0)
    assert estimate([8.0] * 9 + [300.0]) == Estimate(8.0, 24.0)


def test_a_quick_first_start_counts_at_once() -> None:
    assert estimate([7.04]) == Estimate(7.0, 10.6)


def test_an_estimate_is_median_and_ninetieth_percentile() -> None:
    assert estimate([float(second) for second in range(1, 21)]) == Estimate(11.0, 19.0)


def test_an_estimate_forgets_old_starts() -> None:
    assert estimate([300.0] * 50 + [5.0] * WINDOW) == Estimate(5.0, 5.0)


def test_times_are_utc_with_milliseconds_and_sort_as_text() -> None:
    seoul = datetime(2026, 1, 1, 21, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=9)))
    assert to_text(seoul) == "2026-01-01T12:00:00.999Z"
    assert from_text(to_text(NOON)) == NOON
    assert to_text(NOON) < to_text(NOON + timedelta(milliseconds=1))
    assert to_seconds(datetime(1970, 1, 1, 0, 1, tzinfo=UTC)) == 60


def test_an_agent_that_was_quiet_for_long_enough_may_sleep() -> None:
    assert quiet_since(RUNNING, NOON, IDLE) == NOON - IDLE
    assert quiet_since(RUNNING, NOON, IDLE, grace=timedelta(seconds=1)) is None
    assert quiet_since(RUNNING, NOON - timedelta(milliseconds=1), IDLE) is None


@pytest.mark.parametrize("state", [State.IDLE, State.STARTING, State.STOPPING])
def test_only_a_running_agent_falls_asleep(state: State) -> None:
    assert quiet_since(replace(RUNNING, state=state), NOON, IDLE) is None


def test_work_keeps_an_agent_awake() -> None:
    for busy in (replace(RUNNING, inflight=1), replace(RUNNING, pending=1), replace(RUNNING, undelivered=1)):
        assert quiet_since(busy, NOON, IDLE) is None


def test_an_agent_nobody_ever_spoke_to_counts_from_its_start() -> None:
    assert quiet_since(replace(RUNNING, last_active_at=None, since=NOON - IDLE), NOON, IDLE) == NOON - IDLE
    assert quiet_since(replace(RUNNING, last_active_at=None), NOON, IDLE) is None


def test_without_a_key_there_is_the_demo_model() -> None:
    assert available([]) == [DEMO_MODEL]
    assert default_model([], "anthropic/claude-sonnet-4-6") == DEMO_MODEL.id
    assert Models((DEMO_MODEL,), DEMO_MODEL.id).demo


def test_with_keys_there_are_their_providers_models() -> None:
    assert {model.provider for model in available({"openai", "google", "unheard-of"})} == {"openai", "google"}


def test_the_wanted_model_answers_if_its_provider_has_a_key() -> None:
    assert default_model({"openai"}, "openai/gpt-6-preview") == "openai/gpt-6-preview"
    assert default_model({"openai"}, "demo/demo-1") == PROVIDERS["openai"].models[0].id
