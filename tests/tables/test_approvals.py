"""A question of the agent's is a row: there before it is shown, decided once, gone with its turn."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.store import Store
from chalicelib.tables.approvals import Approvals, AskedApproval
from tests.fakes.clock import NOON
from tests.fakes.values import TALK, TURN
from tests.tables.scenes import USER, inbox, restarted, running

ASKED = AskedApproval(USER, "77777777-7777-5777-8777-777777777777", 2, TALK, TURN, "rm -rf build")


@pytest.fixture
def approvals(store: Store) -> Approvals:
    running(store)
    restarted(store)
    approvals = Approvals(store)
    approvals.ask(ASKED, NOON)
    return approvals


def asked(store: Store) -> tuple[AskedApproval, ...]:
    return inbox(store).look(USER).asked


def test_a_bridge_finds_the_decision_in_its_one_look(store: Store, approvals: Approvals) -> None:
    assert asked(store) == (ASKED,)
    assert approvals.decide(USER, ASKED.id, "allow") == "rm -rf build"
    assert asked(store) == (replace(ASKED, decision="allow"),)


def test_the_first_decision_counts_and_may_come_again(approvals: Approvals) -> None:
    assert approvals.decide(USER, ASKED.id, "deny")
    assert approvals.decide(USER, ASKED.id, "deny") == "rm -rf build"
    assert approvals.decide(USER, ASKED.id, "allow") is None


def test_to_ask_again_undoes_no_decision(store: Store, approvals: Approvals) -> None:
    approvals.decide(USER, ASKED.id, "deny")
    approvals.ask(ASKED, NOON)
    assert [each.decision for each in asked(store)] == ["deny"]


def test_nobody_decides_what_was_not_asked_or_was_asked_of_somebody_else(store: Store, approvals: Approvals) -> None:
    assert approvals.decide(USER, "88888888-8888-5888-8888-888888888888", "allow") is None
    assert approvals.decide("bob", ASKED.id, "allow") is None
    assert [each.decision for each in asked(store)] == [None]


def test_a_question_of_a_container_that_is_gone_is_decided_by_nobody(store: Store, approvals: Approvals) -> None:
    restarted(store)
    assert approvals.decide(USER, ASKED.id, "allow") is None
    assert [each.decision for each in asked(store)] == [None]


def test_a_container_of_an_earlier_epoch_takes_no_question_away(store: Store, approvals: Approvals) -> None:
    approvals.forget(USER, ASKED.id, epoch=1)
    assert asked(store) == (ASKED,)
    approvals.forget(USER, ASKED.id, epoch=3)
    assert asked(store) == ()
    assert approvals.decide(USER, ASKED.id, "allow") is None
    approvals.forget(USER, ASKED.id, epoch=3)
