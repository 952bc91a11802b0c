"""What a turn leaves in the log: every step with ids and times, and not a word of what was said."""

from __future__ import annotations

import json
import logging

import pytest

from chalicelib.logs import JsonLines
from tests.fakes.bridge import Desk
from tests.tables.scenes import accept


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [JsonLines("test").format(record) for record in caplog.records]


def test_a_turn_leaves_its_steps_and_none_of_its_words(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    with caplog.at_level(logging.DEBUG):
        accept(desk.store, "m1", "my diary says")
        desk.settle()

    said = lines(caplog)
    events = [json.loads(line).get("event") for line in said]
    steps = ["message accepted", "turn began", "first word", "answer delivered", "turn ended"]
    assert [event for event in events if event in steps] == steps
    assert not any("diary" in line for line in said)
    assert not any(desk.agent.bridge_key in line for line in said if desk.agent.bridge_key)


def test_a_failed_turn_ends_with_its_code(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    with caplog.at_level(logging.INFO):
        accept(desk.store, "m1", "refused, my diary")
        desk.settle()
    ends = [json.loads(line) for line in lines(caplog) if "turn ended" in line]
    assert [end["outcome"] for end in ends] == ["model_auth"]


def test_a_hang_is_no_interruption(caplog: pytest.LogCaptureFixture) -> None:
    """That word has an alarm: something took the agent away. Who hangs is told to its owner, and started again."""
    desk = Desk()
    with caplog.at_level(logging.INFO):
        accept(desk.store, "m1", "hangs")
        desk.settle()
    ends = [json.loads(line) for line in lines(caplog) if "turn ended" in line]
    assert [end["outcome"] for end in ends] == ["hung"]


def test_a_fault_of_ours_is_logged_without_the_message(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    with caplog.at_level(logging.DEBUG):
        accept(desk.store, "m1", "broken, my diary")
        desk.settle()
    assert any("a fault of ours" in line for line in lines(caplog))
    assert not any("diary" in line for line in lines(caplog))
