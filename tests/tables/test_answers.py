"""The end of a message's life: committed at most once, by the epoch that claimed it, and delivered at least once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.inbox import MAX_CLAIMS, Delivery
from chalicelib.store import Store, Table
from chalicelib.tables.agents import Agents
from chalicelib.tables.answers import Answers, read_delivery
from chalicelib.tables.conversations import Conversations
from tests.fakes.clock import NOON
from tests.fakes.values import FAILED, TALK
from tests.tables.scenes import USER, accept, claimed, counters, ended, inbox, restarted, running

LATER = NOON + timedelta(seconds=3)


def entries(store: Store) -> list[tuple[int, str, str]]:
    return [(each.seq, each.role, each.text) for each in Conversations(store).entries(USER, TALK)]


def day(store: Store) -> dict[str, int]:
    row = store.get(Table.USAGE, {"userId": USER, "sk": "day#2026-01-01"}) or {}
    return {name: value for name, value in row.items() if name not in ("userId", "sk")}


def test_a_commit_ends_the_message_in_one_step(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    mine = claimed(store, epoch)
    delivery = Answers(store).commit(mine, epoch, ended(mine), LATER)
    assert delivery == Delivery(USER, 2, "web", TALK)
    assert entries(store) == [(1, "user", "Hello"), (2, "agent", "I am well. 🎉")]
    assert counters(store) == (0, 0, 1)
    assert inbox(store).look(USER).messages == ()
    assert Agents(store).get(USER).last_active_at == LATER


def test_what_is_committed_waits_to_be_delivered_once(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    mine = claimed(store, epoch)
    delivery = Answers(store).commit(mine, epoch, ended(mine), LATER)
    assert delivery is not None
    assert [read_delivery(item) for item in inbox(store).look(USER).deliveries] == [delivery]
    assert Answers(store).delivered(delivery)
    assert counters(store) == (0, 0, 0)
    assert not Answers(store).delivered(delivery)
    assert counters(store) == (0, 0, 0)


def test_a_delivery_remembers_where_to(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    mine = replace(claimed(store, epoch), channel="telegram", reply_to="chat/7")
    assert Answers(store).commit(mine, epoch, ended(mine), LATER) == Delivery(USER, 2, "telegram", TALK, "chat/7")
    assert [read_delivery(item) for item in inbox(store).look(USER).deliveries] == [
        Delivery(USER, 2, "telegram", TALK, "chat/7")
    ]


def test_every_chat_that_mirrors_has_a_row_of_its_own(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    mine = claimed(store, epoch)
    chats = [Delivery(USER, 2, "telegram", TALK, chat, mirror=True) for chat in ("41", "42")]
    delivery = Answers(store).commit(mine, epoch, ended(mine), LATER, chats)
    assert [read_delivery(item) for item in inbox(store).look(USER).deliveries] == [*chats, delivery]
    assert counters(store) == (0, 0, 3)
    assert all(Answers(store).delivered(chat) for chat in chats)
    assert [read_delivery(item) for item in inbox(store).look(USER).deliveries] == [delivery]


def test_a_commit_is_counted_exactly(store: Store) -> None:
    epoch = running(store).epoch
    for key in ("m1", "m2"):
        accept(store, key)
        mine = claimed(store, epoch)
        assert Answers(store).commit(mine, epoch, ended(mine), LATER)
    tokens = {"inputTokens": 240, "outputTokens": 16, "microUsd": 912}
    assert day(store) == {"messages": 2, "failures": 0, "hour12": 2, **tokens}


def test_a_failed_turn_is_counted_as_such(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    mine = claimed(store, epoch)
    assert Answers(store).commit(mine, epoch, ended(mine, FAILED), LATER)
    assert day(store) == {"messages": 1, "failures": 1, "hour12": 1}


def test_a_commit_whose_response_was_lost_may_be_repeated(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    mine = claimed(store, epoch)
    first = Answers(store).commit(mine, epoch, ended(mine), LATER)
    assert Answers(store).commit(mine, epoch, ended(mine), LATER) == first
    assert counters(store) == (0, 0, 1)
    assert day(store)["messages"] == 1


def test_two_commits_of_one_claim_leave_one_answer(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    mine = claimed(store, epoch)
    answers = [replace(ended(mine), text=text) for text in ("one", "two")]
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda answer: Answers(store).commit(mine, epoch, answer, LATER), answers))
    assert done.count(None) == 1
    assert counters(store) == (0, 0, 1)


def test_what_an_old_epoch_commits_has_no_effect(store: Store) -> None:
    accept(store)
    old = running(store)
    stale = claimed(store, old.epoch)
    new = restarted(store)
    assert Answers(store).commit(stale, old.epoch, ended(stale), LATER) is None
    taken = claimed(store, new.epoch)
    assert Answers(store).commit(stale, old.epoch, ended(stale), LATER) is None
    assert entries(store) == []
    assert inbox(store).pending(USER) == (taken,)
    assert counters(store) == (1, 1, 0)


def test_only_who_claimed_commits(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    (waiting,) = inbox(store).pending(USER)
    assert Answers(store).commit(waiting, epoch, ended(waiting), LATER) is None
    assert counters(store) == (1, 0, 0)


def test_a_message_nobody_works_on_can_be_refused(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    (waiting,) = inbox(store).pending(USER)
    delivery = Answers(store).refuse(waiting, epoch, ended(waiting, FAILED), LATER)
    assert delivery is not None
    assert entries(store) == [(1, "user", "Hello"), (2, "notice", FAILED.text)]
    assert Answers(store).delivered(delivery)
    assert counters(store) == (0, 0, 0)


def test_a_message_somebody_works_on_is_not_refused(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    (seen,) = inbox(store).pending(USER)
    claimed(store, epoch)
    assert Answers(store).refuse(seen, epoch, ended(seen, FAILED), LATER) is None
    assert counters(store) == (1, 1, 0)


def test_a_poisoned_message_is_refused_by_the_epoch_after_the_dead_ones(store: Store) -> None:
    accept(store)
    epoch = running(store).epoch
    for _ in range(3):
        claimed(store, epoch)
        epoch = restarted(store).epoch
    (poisoned,) = inbox(store).pending(USER)
    assert poisoned.claims == MAX_CLAIMS
    assert Answers(store).refuse(poisoned, epoch - 1, ended(poisoned, FAILED), LATER) is None
    assert Answers(store).refuse(poisoned, epoch, ended(poisoned, FAILED), LATER)
    assert counters(store) == (0, 0, 1)


def test_counters_end_at_zero_whatever_the_way(store: Store) -> None:
    epoch = running(store).epoch
    for key in ("m1", "m2", "m3"):
        accept(store, key)
    committed, given_back, refused = inbox(store).pending(USER)
    first = inbox(store).claim(committed, epoch, NOON)
    second = inbox(store).claim(given_back, epoch, NOON)
    assert first is not None
    assert second is not None
    done = [Answers(store).commit(first, epoch, ended(first), NOON)]
    assert inbox(store).release(second, epoch, NOON)
    second = inbox(store).claim(second, epoch, NOON)
    assert second is not None
    done.append(Answers(store).commit(second, epoch, ended(second), NOON))
    done.append(Answers(store).refuse(refused, epoch, ended(refused, FAILED), NOON))
    assert all(delivery is not None and Answers(store).delivered(delivery) for delivery in done)
    assert counters(store) == (0, 0, 0)
    agent = Agents(store).get(USER)
    assert Agents(store).expire(USER, epoch, NOON, quiet_since=agent.last_active_at)
