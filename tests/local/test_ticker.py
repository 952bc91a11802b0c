"""Scheduled functions get their event at their rate, whatever happens in one of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chalice.app import Cron, Rate

from local.cloud.environments import Environments, load
from local.cloud.ticker import Ticker, Timer, period, timers
from tests.local import recorder
from tests.local.waiting import wait_until

APP = Path(__file__).parent / "tiny_app.py"


@pytest.fixture
def environments() -> Iterator[Environments]:
    made = Environments(APP, limit=2)
    yield made
    made.close()
    recorder.clear()


def test_the_rate_is_the_one_the_app_declares_or_the_one_given() -> None:
    app = load(APP, "timed_tiny_app")
    assert timers(app) == [Timer("watchdog", 60.0)]
    assert timers(app, 0.5) == [Timer("watchdog", 0.5)]


def test_a_tick_that_fails_does_not_stop_the_next(environments: Environments) -> None:
    ticker = Ticker(environments, [Timer("watchdog", 0.05)])
    ticker.start()
    wait_until(lambda: len(recorder.heard) >= 3)
    ticker.stop()
    assert set(recorder.heard) == {("tick", "Scheduled Event")}


def test_hours_and_days_are_rates_and_a_cron_line_is_not() -> None:
    assert (period(Rate(2, Rate.HOURS)), period("rate(1 day)")) == (7200.0, 86400.0)
    with pytest.raises(ValueError, match="cron"):
        period(Cron(0, 3, "*", "*", "?", "*"))
