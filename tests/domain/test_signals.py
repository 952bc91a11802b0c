"""Events: what their lines say, and what CloudWatch reads out of them."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest

from chalicelib.domain.signals import MEASURES, Event, Measure, Signal, embedded
from tests.fakes.clock import NOON

TURN = Signal(Event.TURN_ENDED, "ada", 7, "m-1", "committed", timedelta(seconds=1.25))


def test_a_line_names_the_event_and_whose_it_is() -> None:
    assert TURN.facts() == {
        "event": "turn ended",
        "user": "ada",
        "epoch": 7,
        "message": "m-1",
        "outcome": "committed",
        "Turns": 1,
        "TurnTime": 1250,
    }


def test_a_line_says_only_what_is_known() -> None:
    assert Signal(Event.START_REQUESTED, "ada").facts() == {"event": "start requested", "user": "ada"}


def test_the_metrics_of_a_line_are_in_cloudwatchs_own_format() -> None:
    directive = {
        "Namespace": "serverless-openclaw/prod",
        "Dimensions": [["outcome"]],
        "Metrics": [{"Name": "Turns", "Unit": "Count"}, {"Name": "TurnTime", "Unit": "Milliseconds"}],
    }
    expected = {"_aws": {"Timestamp": round(NOON.timestamp() * 1000), "CloudWatchMetrics": [directive]}}
    assert embedded(TURN, "prod", NOON) == expected


def test_a_time_that_is_not_known_is_no_metric() -> None:
    failed = Signal(Event.START_ENDED, "ada", 7, result="failed")
    metrics = embedded(failed, "prod", NOON)["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    assert metrics == [{"Name": "Starts", "Unit": "Count"}]


def test_an_event_without_metrics_has_no_directive() -> None:
    assert embedded(Signal(Event.START_REQUESTED, "ada"), "prod", NOON) == {}


@pytest.mark.parametrize("measure", MEASURES.values(), ids=lambda each: each.count or each.time)
def test_every_metric_of_an_event_is_a_field_of_its_line(measure: Measure) -> None:
    """A directive that names a missing field is thrown away by CloudWatch, line and all."""
    (event,) = [event for event, each in MEASURES.items() if each is measure]
    signal = Signal(event, "ada", 7, "m-1", "word", timedelta(seconds=1))
    directive = embedded(signal, "prod", NOON)["_aws"]["CloudWatchMetrics"][0]
    names = [metric["Name"] for metric in directive["Metrics"]] + [
        name for each in directive["Dimensions"] for name in each
    ]
    assert set(names) <= set(signal.facts())


def test_an_event_has_no_room_for_what_is_said() -> None:
    assert {field.name for field in fields(Signal)} == {"event", "user", "epoch", "message", "result", "took"}
