"""Limits: who asks for too much is refused with the time to come again, nothing is lost, and nobody else notices."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.domain.agent import State
from chalicelib.errors import ChatUnavailable, RateLimited
from tests.fakes.identity import identity
from tests.fakes.world import USER, World, message
from tests.services.telegram_scenes import Phone


def limited(limits: str) -> World:
    world = World(limits=limits)
    world.connect("laptop")
    return world


def refused(world: World) -> dict[str, Any]:
    return world.push.last("laptop", "error")


def waiting(world: World) -> list[str]:
    return [each.id for each in world.inbox.pending(USER)]


def test_one_message_too_many_is_refused_and_passes_when_it_comes_again() -> None:
    world = limited("messages=2")
    for number in (1, 2, 3):
        world.send(number)
    error = refused(world)
    assert (error["code"], error["retryable"], error["id"]) == ("rate_limited", True, message(3))
    assert waiting(world) == [message(1), message(2)]
    world.clock.advance(seconds=error["retryAfter"])
    world.send(3)
    assert waiting(world) == [message(1), message(2), message(3)]


def test_a_message_that_was_accepted_has_its_receipt_however_many_there_were() -> None:
    world = limited("messages=1,turns=1")
    world.send(1)
    first = world.push.last("laptop", "ack")
    world.send(1)
    assert "error" not in world.push.types("laptop")
    assert world.push.last("laptop", "ack") == first


def test_one_users_limits_are_not_anothers() -> None:
    world = limited("messages=1")
    world.connect("phone", "bob")
    world.send(1)
    world.send(2, connection_id="phone")
    assert "error" not in world.push.types("phone")


def test_of_many_at_once_no_more_pass_than_may() -> None:
    world = limited("tickets=5")  # one is the laptop's
    tickets = world.services.tickets

    def ask(_: int) -> bool:
        try:
            return bool(tickets.issue(identity(USER, world.clock())))
        except RateLimited:
            return False

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(ask, range(12))) == [False] * 8 + [True] * 4


def test_no_more_messages_wait_than_may_and_an_answer_makes_room() -> None:
    world = limited("turns=2")
    for number in (1, 2, 3):
        world.send(number)
    assert (refused(world)["code"], refused(world)["retryAfter"]) == ("rate_limited", 15)
    assert waiting(world) == [message(1), message(2)]
    world.run()
    world.answer()
    world.send(3)
    assert waiting(world) == [message(2), message(3)]


def test_new_conversations_are_counted_and_what_is_said_in_old_ones_is_not() -> None:
    world = limited("conversations=1")
    world.send(1)
    world.send(2)
    world.run()
    world.answer()
    world.answer()
    world.send(3)
    assert "error" not in world.push.types("laptop")
    world.send(4, talk=str(uuid.uuid4()))
    assert refused(world)["retryAfter"] > 3600
    assert waiting(world) == [message(3)]


def test_files_have_a_share_of_each_day() -> None:
    world = limited("bytes=1000")
    offer = {"name": "log.txt", "mimeType": "text/plain"}
    world.services.uploads.offer(USER, {**offer, "bytes": 900})
    for size in (101, 2000):
        with pytest.raises(RateLimited):
            world.services.uploads.offer(USER, {**offer, "bytes": size})
    world.services.uploads.offer(USER, {**offer, "bytes": 100})


def test_a_start_too_many_waits_with_its_message_and_comes_in_the_next_hour() -> None:
    world = limited("starts=1")
    world.send(1)
    world.run()
    world.answer()
    world.stop()
    world.send(2)
    status = world.push.last("laptop", "status")
    assert (status["status"], status["noteCode"], status["pending"]) == ("idle", "starts_spent", 1)
    assert waiting(world) == [message(2)]
    world.services.watchdog.run()
    assert world.tasks.running == []
    with pytest.raises(RateLimited, match="starts of the agent"):
        world.services.lifecycle.start(USER)
    world.clock.advance(hours=1)
    world.services.watchdog.run()
    assert world.agent.state is State.STARTING
    assert world.run().note is None


def test_starts_that_aws_refuses_are_given_back() -> None:
    world = limited("starts=1")
    world.tasks.capacity = False
    world.send(1)
    world.services.watchdog.run()
    assert world.agent.note == "no_capacity"
    world.tasks.capacity = True
    world.services.watchdog.run()
    assert world.agent.state is State.STARTING


@pytest.fixture
def chat() -> Phone:
    phone = Phone(limited("messages=1"))
    phone.pair()
    return phone


def test_telegram_keeps_what_is_too_much_and_its_person_is_told_once(chat: Phone) -> None:
    world = chat.world
    chat.say("one")
    late = [chat.update(message=chat.message(text=text)) for text in ("two", "three")]
    for update in [*late, *late]:
        with pytest.raises(RateLimited):
            chat.deliver(update)
    assert len([text for text in chat.said if "a lot at once" in text]) == 1
    for update in late:
        world.clock.advance(minutes=1)
        chat.deliver(update)
    assert [each.text for each in world.inbox.pending(USER)] == ["one", "two", "three"]


def test_what_would_wait_for_hours_is_sent_back_by_telegram_with_words() -> None:
    phone = Phone(limited("conversations=1"), language="ko")
    phone.pair()
    phone.say("하나")
    phone.say("/new 둘")
    assert "받지 못했습니다" in phone.said[-1]
    assert [each.text for each in phone.world.inbox.pending(USER)] == ["하나"]


def test_who_could_not_be_told_is_not_forgotten() -> None:
    phone = Phone(limited("conversations=1"))
    phone.pair()
    phone.say("one")
    phone.world.bot.faults["send"] = [ChatUnavailable("Bad Gateway")]
    with pytest.raises(RateLimited):
        phone.say("/new two")
