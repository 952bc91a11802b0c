"""Scheduled functions get their event at their rate, whatever happens in one of them."""

import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Cron, Rate

from local.cloud.environments import Environments, Invoked, load
from local.cloud.ticker import LOST, TWICE, Ticker, Timer, period, timers
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
    ticker = Ticker(environments.invoke, [Timer("watchdog", 0.05)])
    ticker.start()
    wait_until(lambda: len(recorder.heard) >= 3)
    ticker.stop()
    assert set(recorder.heard) == {("tick", "Scheduled Event")}


def test_an_event_that_failed_is_tried_twice_again() -> None:
    ids: list[str] = []

    def failing(name: str, event: dict[str, Any]) -> Invoked:
        ids.append(event["id"])
        answered = Future[Any]()
        answered.set_exception(RuntimeError("told to fail"))
        return Invoked(answered, 1.0)

    ticker = Ticker(failing, [Timer("watchdog", 0.05)], retries=(0.01, 0.02))
    ticker.start()
    wait_until(lambda: len(set(ids)) == 4)
    ticker.stop()
    assert ids.count(ids[0]) == 3


@pytest.mark.parametrize(("sign", "times"), [(LOST, 0), (TWICE, 2)])
def test_ticks_may_be_lost_or_come_twice_at_once(tmp_path: Path, sign: str, times: int) -> None:
    ids: list[str] = []

    def answering(name: str, event: dict[str, Any]) -> Invoked:
        ids.append(event["id"])
        answered = Future[Any]()
        answered.set_result(None)
        return Invoked(answered, 1.0)

    (tmp_path / sign).touch()
    ticker = Ticker(answering, [Timer("watchdog", 0.01)], tmp_path)
    ticker.start()
    wait_until(lambda: len(set(ids)) >= 3) if times else time.sleep(0.1)
    ticker.stop()
    assert {ids.count(each) for each in ids} == ({times} if times else set())


def test_hours_and_days_are_rates_and_a_cron_line_is_not() -> None:
    assert (period(Rate(2, Rate.HOURS)), period("rate(1 day)")) == (7200.0, 86400.0)
    with pytest.raises(ValueError, match="cron"):
        period(Cron(0, 3, "*", "*", "?", "*"))
