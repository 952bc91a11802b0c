"""Acceptance: one transaction, one number, one receipt, however often and by however many it is sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.agent import State
from chalicelib.domain.inbox import Accepted, Catchup, Draft
from chalicelib.errors import AgentUnavailable, ConditionFailed
from chalicelib.store import Delete, Item, Store, Table, Write
from chalicelib.tables.agents import Agents
from chalicelib.tables.inbox import ATTEMPTS, Inbox
from tests.fakes.clock import NOON
from tests.fakes.store import MemoryStore
from tests.fakes.values import TALK
from tests.tables.scenes import USER, accept, claimed, counters, draft, inbox, restarted, running


def test_an_accepted_message_waits_with_all_it_said(store: Store) -> None:
    full = Draft(USER, "m1", TALK, "Hello 🎉", channel="telegram", runtime="fargate", replaces="m0", reply_to="chat/7")
    accepted = inbox(store).accept(full, "m1", NOON)
    (message,) = inbox(store).look(USER).messages
    assert accepted == Accepted("m1", TALK, 1, message)
    assert (message.user_id, message.id, message.conversation_id, message.seq) == (USER, "m1", TALK, 1)
    assert (message.text, message.channel, message.runtime) == ("Hello 🎉", "telegram", "fargate")
    assert (message.replaces, message.reply_to, message.accepted_at) == ("m0", "chat/7", NOON)
    assert (message.claim_epoch, message.claims, message.cancelled) == (0, 0, False)


def test_numbers_leave_room_for_the_answers(store: Store) -> None:
    assert [accept(store, key).seq for key in ("m1", "m2", "m3")] == [1, 3, 5]
    assert [message.seq for message in inbox(store).pending(USER)] == [1, 3, 5]


def test_an_acceptance_puts_the_agent_where_the_watchdog_looks(store: Store) -> None:
    accept(store)
    (agent,) = Agents(store).active()
    assert (agent.state, agent.pending, agent.last_active_at) == (State.IDLE, 1, NOON)


def test_the_same_message_again_gives_the_earlier_receipt(store: Store) -> None:
    first = accept(store, "m1")
    accept(store, "m2")
    again = inbox(store).accept(draft("m1", "other words", talk="elsewhere"), "another-id", NOON)
    assert again == replace(first, message=None)
    assert [message.id for message in inbox(store).pending(USER)] == ["m1", "m2"]
    assert counters(store) == (2, 0, 0)


def test_the_same_message_of_another_user_is_another_message(store: Store) -> None:
    accept(store, "m1")
    other = replace(draft("m1"), user_id="bob")
    accepted = inbox(store).accept(other, "m1", NOON)
    assert (accepted.id, accepted.seq, accepted.message is not None) == ("m1", 1, True)


def test_a_message_known_under_a_foreign_number_keeps_its_own_id(store: Store) -> None:
    assert inbox(store).accept(draft("update/99"), "m1", NOON).id == "m1"
    assert inbox(store).accept(draft("update/99"), "m2", NOON).id == "m1"


def test_twenty_racing_messages_get_twenty_numbers(store: Store) -> None:
    keys = [f"m{number}" for number in range(20)]
    with ThreadPoolExecutor(20) as threads:
        receipts = list(threads.map(lambda key: accept(store, key), keys))
    assert sorted(receipt.seq for receipt in receipts) == list(range(1, 40, 2))
    assert {message.id for message in inbox(store).pending(USER)} == set(keys)
    assert counters(store) == (20, 0, 0)


def test_one_message_that_races_itself_is_accepted_once(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(lambda _: accept(store, "m1"), range(8)))
    assert {receipt.seq for receipt in receipts} == {1}
    assert sum(receipt.message is not None for receipt in receipts) == 1
    assert counters(store) == (1, 0, 0)


class Refusing(MemoryStore):
    def write(self, *writes: Write) -> Item:
        raise ConditionFailed("somebody was faster")


def test_a_message_that_never_gets_a_number_is_refused_so_that_it_comes_again() -> None:
    waits: list[float] = []
    with pytest.raises(AgentUnavailable, match="send it again"):
        Inbox(Refusing(), waits.append).accept(draft("m1"), "m1", NOON)
    assert len(waits) == ATTEMPTS


def test_a_claim_is_one_epochs_work(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    later = NOON + timedelta(seconds=5)
    mine = claimed(store, epoch, later)
    assert (mine.claim_epoch, mine.claims) == (epoch, 1)
    assert inbox(store).pending(USER) == (replace(mine, tried=True),)
    assert counters(store) == (1, 1, 0)
    assert Agents(store).get(USER).last_active_at == later
    assert inbox(store).claim(mine, epoch, later) is None


def test_only_a_running_agent_claims(store: Store) -> None:
    accept(store)
    agent = running(store)
    (message,) = inbox(store).pending(USER)
    assert Agents(store).expire(USER, agent.epoch, NOON, quiet_since=None)
    assert inbox(store).claim(message, agent.epoch, NOON) is None
    assert counters(store) == (1, 0, 0)


def test_the_next_epoch_claims_what_a_dead_one_left(store: Store) -> None:
    accept(store)
    old = running(store)
    claimed(store, old.epoch)
    new = restarted(store)
    assert inbox(store).claim(inbox(store).pending(USER)[0], old.epoch, NOON) is None
    again = claimed(store, new.epoch)
    assert (again.claim_epoch, again.claims) == (new.epoch, 2)
    assert counters(store) == (1, 1, 0)


def test_a_message_that_is_gone_cannot_be_claimed(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    (message,) = inbox(store).pending(USER)
    assert inbox(store).claim(replace(message, seq=7), epoch, NOON) is None


def test_a_message_given_back_did_not_die(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    mine = claimed(store, epoch)
    assert inbox(store).release(mine, epoch, NOON)
    (waiting,) = inbox(store).pending(USER)
    assert (waiting.claim_epoch, waiting.claims) == (0, 0)
    assert (mine.tried, waiting.tried) == (False, True)
    assert counters(store) == (1, 0, 0)
    assert not inbox(store).release(mine, epoch, NOON)
    assert claimed(store, epoch).claims == 1


def test_an_old_epoch_gives_nothing_back(store: Store) -> None:
    accept(store)
    old = running(store)
    mine = claimed(store, old.epoch)
    new = restarted(store)
    taken = claimed(store, new.epoch)
    assert not inbox(store).release(mine, old.epoch, NOON)
    assert inbox(store).pending(USER) == (taken,)


def test_a_waiting_message_can_be_cancelled(store: Store) -> None:
    accept(store)
    assert inbox(store).cancel(USER, "m1")
    assert inbox(store).pending(USER)[0].cancelled


def test_what_nobody_sent_or_what_is_answered_cannot_be_cancelled(store: Store) -> None:
    accept(store)
    assert not inbox(store).cancel(USER, "m2")
    assert not inbox(store).cancel("bob", "m1")
    store.write(Delete(Table.PENDING_MESSAGES, {"userId": USER, "sk": "in#000000000001"}))
    assert not inbox(store).cancel(USER, "m1")
    assert inbox(store).pending(USER) == ()


def test_a_catch_up_waits_until_it_is_done(store: Store) -> None:
    wish = Catchup(USER, "connection=", TALK)
    inbox(store).ask(wish, NOON)
    inbox(store).ask(wish, NOON)
    assert inbox(store).look(USER).catchups == (wish,)
    inbox(store).asked(wish)
    assert inbox(store).look(USER).catchups == ()


def test_one_look_finds_all_that_waits_and_none_of_another_user(store: Store) -> None:
    accept(store, "m1")
    accept(store, "m2")
    inbox(store).ask(Catchup(USER, "c1", TALK), NOON)
    work = inbox(store).look(USER)
    assert ([message.id for message in work.messages], len(work.catchups), work.deliveries) == (["m1", "m2"], 1, ())
    assert inbox(store).look("bob").messages == ()
