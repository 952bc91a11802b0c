"""An agent that asks first: OpenClaw's own questions, decided by its owner."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.domain.settings import PermissionMode
from chalicelib.domain.turn import Approval, Choice, Decision, Finished, TurnEvent
from container.bridge.openclaw.gateway import OpenClawGateway
from tests.e2e.gateway.harness import Listener, OpenClaw, wait_for
from tests.e2e.gateway.test_turns import new


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenClaw]:
    openclaw = OpenClaw(tmp_path_factory.mktemp("guarded"), "guarded")
    yield openclaw
    assert openclaw.stop() == 0


@pytest.fixture
def careful(guarded: OpenClaw) -> Iterator[OpenClawGateway]:
    gateway = guarded.gateway()
    yield gateway
    gateway.close()


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return tmp_path / "made.txt"


def order(made: Path) -> str:
    return f"Do it [[tool=exec {json.dumps({'command': f'touch {made}'})}]] [[say=After.]]"


def approvals(turn: Listener) -> list[Approval]:
    return [event for event in list(turn.events) if isinstance(event, Approval)]


def asked(turn: Listener) -> Approval:
    wait_for(lambda: bool(approvals(turn)), 60)
    return approvals(turn)[0]


@pytest.mark.parametrize(("decision", "state"), [("allow", "allowed"), ("deny", "denied")])
def test_a_command_waits_for_its_owner(careful: OpenClawGateway, made: Path, decision: Decision, state: str) -> None:
    turn = Listener(careful, new(), new(), order(made))
    question = asked(turn)
    assert (question.state, question.command) == ("open", f"touch {made}")
    assert question.expires_at and question.cwd
    assert not made.exists()
    careful.decide(question.id, decision)
    outcome = turn.outcome
    assert isinstance(outcome, Finished), outcome
    assert outcome.text == "After."
    assert [each.state for each in approvals(turn)] == ["open", state]
    assert made.exists() == (decision == "allow")


def test_the_first_decision_counts(careful: OpenClawGateway, made: Path) -> None:
    turn = Listener(careful, new(), new(), order(made))
    question = asked(turn)
    careful.decide(question.id, "deny")
    careful.decide(question.id, "allow")
    assert isinstance(turn.outcome, Finished)
    assert not made.exists()


def test_who_stops_the_answer_need_not_decide(careful: OpenClawGateway, made: Path) -> None:
    talk, message = new(), new()
    turn = Listener(careful, talk, message, order(made))
    question = asked(turn)
    careful.abort(talk, message)
    assert isinstance(turn.outcome, Finished)
    assert [each.state for each in approvals(turn)] == ["open", "expired"]
    careful.decide(question.id, "allow")
    assert isinstance(Listener(careful, talk, new(), "Hello").outcome, Finished)
    assert not made.exists()


def test_a_question_that_came_before_the_connection_is_known_behind_it(
    guarded: OpenClaw, careful: OpenClawGateway, made: Path
) -> None:
    talk, message = new(), new()
    question = asked(Listener(careful, talk, message, order(made)))
    other = guarded.gateway()
    again = Listener(other, talk, message, order(made))
    wait_for(lambda: other._asked.get(question.id) is not None, 30)
    other.decide(question.id, "allow")
    assert isinstance(again.outcome, Finished)
    other.close()
    assert made.exists()


def test_a_read_outside_the_workspace_is_refused(careful: OpenClawGateway, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("the secret")
    text = f"Read [[tool=read {json.dumps({'path': str(tmp_path / 'secret.txt')})}]]"
    turn = Listener(careful, new(), new(), text)
    assert isinstance(turn.outcome, Finished)
    assert "the secret" not in str(turn.events)


def told(gateway: OpenClawGateway, talk: str, text: str, mode: PermissionMode | None) -> list[TurnEvent]:
    return list(gateway.run(talk, new(), text, choice=Choice(None, mode)))


def test_a_conversation_may_be_told_otherwise_and_back(careful: OpenClawGateway, made: Path) -> None:
    talk = new()
    free = told(careful, talk, order(made), "full")
    assert not [event for event in free if isinstance(event, Approval)]
    assert made.exists()
    told(careful, talk, "Hello", None)
    turn = Listener(careful, talk, new(), order(made.with_name("other.txt")))
    careful.decide(asked(turn).id, "deny")
    assert isinstance(turn.outcome, Finished)


def test_an_agent_that_is_started_with_all_permissions_may_be_told_to_ask(gateway: OpenClawGateway, made: Path) -> None:
    talk = new()
    told(gateway, talk, "Hello", "guarded")
    turn = Listener(gateway, talk, new(), order(made))
    gateway.decide(asked(turn).id, "deny")
    assert isinstance(turn.outcome, Finished)
    assert not made.exists()


def test_no_command_is_too_harmless_to_ask(careful: OpenClawGateway) -> None:
    """OpenClaw has a list of those that it would run unasked, and an agent may add to it."""
    turn = Listener(careful, new(), new(), f"Count [[tool=exec {json.dumps({'command': 'wc -c'})}]]")
    question = asked(turn)
    careful.decide(question.id, "deny")
    assert question.command == "wc -c"
    assert isinstance(turn.outcome, Finished)
