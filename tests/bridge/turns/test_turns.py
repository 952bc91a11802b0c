from dataclasses import replace

import pytest

from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.gathering import MessagePart
from chalicelib.domain.inbox import Catchup, Draft
from chalicelib.errors import Fenced
from chalicelib.store import Table, Update
from chalicelib.tables.inbox import message_key
from container.bridge.turns.delivery import Deliveries
from tests.fakes.away import AwayStore
from tests.fakes.bridge import OTHER_TALK, Desk, eventually, now
from tests.fakes.identity import identity
from tests.fakes.values import TALK
from tests.tables.scenes import USER, accept, counters, restarted


def test_a_message_is_answered_committed_and_shown() -> None:
    desk = Desk()
    accept(desk.store, "m1", "Hello")

    desk.settle()

    assert desk.answers() == ["Hello!"]
    assert desk.shown()[-1] == "stream_end"
    assert desk.shown()[0] == "message", "the question comes before its answer, for pages that missed it"
    assert (
        "".join(frame["content"] for frame in desk.push.frames["page"] if frame["type"] == "stream_chunk") == "Hello!"
    )
    assert counters(desk.store) == (0, 0, 0)


def test_messages_of_a_conversation_are_asked_one_after_the_other_in_order() -> None:
    desk = Desk()
    for number in range(10):
        accept(desk.store, f"m{number}", f"message {number}")

    desk.settle()

    assert desk.gateway.asked == [f"message {number}" for number in range(10)]
    assert desk.answers() == [f"message {number}!" for number in range(10)]


def test_a_claim_whose_answer_was_lost_is_worked_on_all_the_same() -> None:
    desk = Desk()
    accept(desk.store, "m1", "Hello")
    (message,) = desk.rows.inbox.pending(USER)
    assert desk.rows.inbox.claim(message, desk.agent.epoch, now())

    desk.settle()

    assert desk.answers() == ["Hello!"]
    assert counters(desk.store) == (0, 0, 0)


def test_a_message_that_gathers_is_begun_when_its_window_is_over() -> None:
    desk = Desk()
    for number in (1, 2):
        part = MessagePart(number, 100, f"photo {number}", album="a")
        draft = Draft(USER, f"m{number}", TALK, part.words, channel="telegram", reply_to="7", part=part)
        desk.rows.inbox.accept(draft, draft.key, now())
    desk.turns.start()
    accept(desk.store, "m3", "quick one", talk=OTHER_TALK)
    desk.turns.ring()

    eventually(lambda: desk.answers(OTHER_TALK) == ["quick one!"], "the quick answer")
    assert desk.answers() == []
    eventually(lambda: desk.answers() == ["photo 1\n\nphoto 2!"], "the answer to both")
    desk.turns.stop(1.0)


def test_a_slow_conversation_does_not_hold_up_another() -> None:
    desk = Desk()
    accept(desk.store, "m1", "slow one")
    accept(desk.store, "m2", "quick one", talk=OTHER_TALK)
    desk.step()

    eventually(lambda: desk.answers(OTHER_TALK) == ["quick one!"], "the quick answer")

    assert desk.answers() == []
    desk.gateway.go.set()
    desk.settle()
    assert desk.answers() == ["slow one!"]


def test_a_cancelled_turn_keeps_its_text() -> None:
    desk = Desk()
    accept(desk.store, "m1", "slow one")
    desk.step()
    eventually(lambda: desk.gateway.asked, "the turn")
    desk.rows.inbox.cancel(USER, "m1")

    desk.settle()

    (_, answer) = desk.rows.conversations.entries(USER, TALK)
    assert (answer.status, answer.text, answer.stop_reason) == ("cancelled", "slow one", "cancelled")


def test_a_message_cancelled_before_its_turn_never_reaches_openclaw() -> None:
    desk = Desk()
    accept(desk.store, "m1", "Hello")
    desk.rows.inbox.cancel(USER, "m1")

    desk.settle()

    assert desk.gateway.asked == []
    assert desk.rows.conversations.entries(USER, TALK)[1].status == "cancelled"


def test_a_provider_that_refuses_leaves_a_notice() -> None:
    desk = Desk()
    accept(desk.store, "m1", "refused")

    desk.settle()

    notice = desk.push.last("page", "message")
    assert (notice["role"], notice["errorCode"], notice["retryable"]) == ("notice", "model_auth", False)


def test_a_fault_of_ours_is_told_and_does_not_stop_the_others() -> None:
    desk = Desk()
    accept(desk.store, "m1", "broken")
    accept(desk.store, "m2", "next")

    desk.settle()

    assert desk.answers() == ["Something went wrong on our side. Send the message again.", "next!"]


def test_a_message_on_which_three_containers_died_is_set_aside() -> None:
    desk = Desk()
    accept(desk.store, "m1", "deadly")
    desk.store.write(Update(Table.PENDING_MESSAGES, message_key(USER, 1), set={"claims": 3}))

    desk.settle()

    assert desk.gateway.asked == []
    assert desk.push.last("page", "message")["errorCode"] == "interrupted"


def test_an_agent_that_must_go_gives_its_message_back() -> None:
    desk = Desk()
    accept(desk.store, "m1", "slow one")
    desk.step()
    eventually(lambda: desk.gateway.asked, "the turn")

    desk.turns.stop(timeout=0.01)

    (message,) = desk.rows.inbox.pending(USER)
    assert (message.claim_epoch, message.claims) == (0, 0)
    assert counters(desk.store) == (1, 0, 0)
    assert desk.answers() == []


def test_an_answer_that_is_nearly_there_is_waited_for() -> None:
    desk = Desk()
    accept(desk.store, "m1", "slow one")
    desk.step()
    eventually(lambda: desk.gateway.asked, "the turn")
    desk.gateway.go.set()

    desk.turns.stop(timeout=5)

    assert desk.answers() == ["slow one!"]


def test_an_older_epoch_commits_nothing() -> None:
    desk = Desk()
    accept(desk.store, "m1", "slow one")
    desk.step()
    eventually(lambda: desk.gateway.asked, "the turn")
    restarted(desk.store)

    desk.gateway.go.set()

    with pytest.raises(Fenced):
        desk.settle()
    assert desk.answers() == []
    assert len(desk.rows.inbox.pending(USER)) == 1


def test_a_bridge_of_an_older_epoch_claims_nothing() -> None:
    desk = Desk()
    restarted(desk.store)
    accept(desk.store, "m1", "Hello")

    with pytest.raises(Fenced):
        desk.settle()
    assert [message.claims for message in desk.rows.inbox.pending(USER)] == [0]


def test_a_page_that_comes_back_gets_the_answer_so_far() -> None:
    desk = Desk()
    accept(desk.store, "m1", "slow one")
    desk.step()
    eventually(lambda: "stream_chunk" in desk.shown(), "the first words")
    desk.rows.connections.open("late", identity(USER, now()), "http://localhost", now())
    desk.rows.inbox.ask(Catchup(USER, "late", TALK), now())

    desk.step()

    eventually(lambda: desk.shown("late"), "the answer so far")
    assert (desk.push.frames["late"][0]["content"], desk.push.frames["late"][0]["replace"]) == ("slow one", True)
    desk.gateway.go.set()
    desk.settle()
    assert desk.shown("late")[-1] == "stream_end"


def test_a_turn_that_begins_while_the_pages_cannot_be_listed_is_shown_to_those_that_were_there() -> None:
    """Found by the simulation (seed 647): the question went to nobody."""
    store = AwayStore()
    desk = Desk(store)
    desk.deliveries.status(desk.agent)
    store.refuses_read = lambda table, start: table is Table.CONNECTIONS
    accept(desk.store, "m1", "slow one")
    desk.step()

    eventually(lambda: "message" in desk.shown(), "the question")

    desk.gateway.go.set()
    store.refuses_read = lambda table, start: False
    desk.settle()


def test_a_page_that_missed_a_frame_is_cut_off_so_that_it_comes_back_and_asks() -> None:
    desk = Desk()
    desk.push.stuck.add("page")
    accept(desk.store, "m1", "Hello")
    desk.settle()
    assert desk.push.closed == ["page"]
    assert desk.rows.connections.of(USER, now()) == frozenset()
    assert desk.answers() == ["Hello!"]


def test_an_answer_that_could_not_be_delivered_is_shown_whole_later_and_nothing_else_stops() -> None:
    desk = Desk()

    class Interrupted(Deliveries):
        """The tables are away between commit and delivery."""

        def deliver(self, *_: object) -> None:
            raise RuntimeError("no answer")

    lucky, deliveries = desk.turns, desk.deliveries
    unlucky = Interrupted(USER, desk.rows, deliveries.pages, deliveries.channels, deliveries.listing)
    desk.turns = desk.scheduler(desk.agent.epoch, deliveries=unlucky)
    accept(desk.store, "m2", "Again")
    desk.step()
    eventually(lambda: counters(desk.store) == (0, 0, 1), "the commit")
    assert desk.events == []

    desk.turns = lucky
    desk.settle()

    assert desk.push.last("page", "message")["text"] == "Again!"
    assert counters(desk.store) == (0, 0, 0)


def test_the_chosen_model_is_told_once() -> None:
    desk = Desk()
    desk.rows.settings.change(USER, model="anthropic/claude-opus-5")
    for number in range(3):
        accept(desk.store, f"m{number}", "Hello")

    desk.settle()

    assert desk.gateway.models == [(TALK, "anthropic/claude-opus-5")]


def test_a_model_that_openclaw_does_not_know_is_said_in_words() -> None:
    desk = Desk()
    desk.rows.settings.change(USER, model="no/such-model")
    accept(desk.store, "m1", "Hello")

    desk.settle()

    assert desk.push.last("page", "message")["text"] == failed("model_error.model_unknown", model="no/such-model").text
    assert desk.gateway.asked == []


def test_the_channel_of_a_message_is_the_channel_of_its_answer() -> None:
    desk = Desk()
    draft = replace(Draft(USER, "m1", TALK, "Hello"), channel="telegram", reply_to="42")
    desk.rows.inbox.accept(draft, "m1", now())

    desk.settle()

    assert {entry.channel for entry in desk.rows.conversations.entries(USER, TALK)} == {"telegram"}
