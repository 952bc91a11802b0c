"""A turn that asks: the row comes before the frame, a decision reaches OpenClaw, nothing is left behind."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.inbox import Draft
from chalicelib.domain.settings import Settings
from chalicelib.domain.turn import Approval, Choice
from chalicelib.tables.approvals import AskedApproval
from container.bridge.turns.channels import Channels
from container.bridge.turns.choices import ToldChoices
from tests.bridge.turns.test_channels import FakeChannel
from tests.fakes.bridge import Desk, eventually
from tests.fakes.values import TALK
from tests.tables.scenes import USER, accept, restarted

OPEN = Approval("77777777-7777-5777-8777-777777777777", "rm -rf build", "workspace")
ALLOWED = replace(OPEN, state="allowed")


def frames(desk: Desk) -> list[tuple[str, str]]:
    return [(frame["id"], frame["state"]) for frame in desk.push.frames.get("page", []) if frame["type"] == "approval"]


def asked(desk: Desk) -> AskedApproval:
    return AskedApproval(USER, OPEN.id, desk.agent.epoch, TALK, "m1", OPEN.command)


def test_a_question_is_a_row_and_a_frame_and_its_decision_takes_the_row_away() -> None:
    desk = Desk()
    desk.gateway.events = [OPEN]
    desk.gateway.waits = True
    accept(desk.store, "m1", "Hello")
    desk.step()
    eventually(lambda: frames(desk), "the question")
    assert desk.rows.inbox.look(USER).asked == (asked(desk),)
    assert desk.rows.approvals.decide(USER, OPEN.id, "allow") == "rm -rf build"
    desk.step()
    assert desk.gateway.decided == [(OPEN.id, "allow")]
    desk.gateway.events = [ALLOWED]
    desk.gateway.go.set()
    desk.settle()
    assert frames(desk) == [(OPEN.id, "open"), (OPEN.id, "allowed")]
    assert desk.rows.inbox.look(USER).asked == ()


def test_no_question_outlives_its_turn() -> None:
    desk = Desk()
    desk.gateway.events = [OPEN]
    accept(desk.store, "m1", "Hello")
    desk.settle()
    assert desk.answers() == ["Hello!"]
    assert frames(desk) == [(OPEN.id, "open"), (OPEN.id, "expired")]
    assert desk.push.types("page")[-1] == "stream_end"
    assert desk.rows.inbox.look(USER).asked == ()
    assert desk.rows.approvals.decide(USER, OPEN.id, "allow") is None


def test_a_question_of_a_container_that_died_is_taken_away_and_decided_for_nobody() -> None:
    desk = Desk()
    desk.rows.approvals.ask(asked(desk), desk.time.clock())
    desk.rows.approvals.decide(USER, OPEN.id, "allow")
    later = desk.scheduler(restarted(desk.store).epoch)
    later.step()
    assert desk.gateway.decided == []
    assert frames(desk) == [(OPEN.id, "expired")]
    assert desk.rows.inbox.look(USER).asked == ()


def test_the_chat_in_which_it_was_asked_hears_of_the_question() -> None:
    chat = FakeChannel()
    desk = Desk(channels=Channels({"telegram": chat}))
    desk.gateway.events = [OPEN, ALLOWED]
    draft = Draft(USER, "m1", TALK, "Hello", channel="telegram", reply_to="4711")
    desk.rows.inbox.accept(draft, "m1", desk.time.clock())
    desk.settle()
    assert chat.asked == [OPEN]


def test_a_conversation_is_told_what_differs_from_the_start_and_each_start_anew() -> None:
    told, chosen = ToldChoices("full"), Settings(permission_mode="guarded", chosen=True)
    assert told.due(TALK, Settings()) is None
    assert told.due(TALK, chosen) == Choice(None, "guarded")
    told.told(TALK, Choice(None, "guarded"))
    assert told.due(TALK, chosen) is None
    assert told.due(TALK, Settings(chosen=True)) == Choice(None)
    assert ToldChoices("guarded").due(TALK, chosen) == Choice(None), "it may know another one from an earlier start"
