"""The kill switch: what runs is stopped, nothing starts, nothing is lost, and everybody who asks is told."""

from __future__ import annotations

import pytest

from chalicelib.domain.agent import State
from chalicelib.errors import AgentUnavailable
from chalicelib.store import Delete, Put, Table
from chalicelib.tables.halts import DEPLOYMENT, halt_key
from tests.fakes.world import USER, World, message
from tests.services.telegram_scenes import Phone


def halt_all(world: World) -> None:
    world.store.write(Put(Table.SETTINGS, halt_key(DEPLOYMENT)))


def lift_all(world: World) -> None:
    world.store.write(Delete(Table.SETTINGS, halt_key(DEPLOYMENT)))


def waiting(world: World) -> list[str]:
    return [each.id for each in world.inbox.pending(USER)]


def minute(world: World) -> None:
    world.clock.advance(minutes=1)
    world.services.watchdog.run()


def test_the_owners_switch_stops_a_working_agent_at_once(awake: World) -> None:
    awake.send(1)
    shown = awake.services.lifecycle.halt(USER)
    assert (shown.state, shown.note) == (State.STOPPING, "halted")
    assert awake.tasks.running == []
    assert awake.push.last("laptop", "status")["noteCode"] == "halted"
    assert waiting(awake) == [message(1)]


def test_what_is_said_meanwhile_waits_and_is_answered_when_the_switch_is_lifted(awake: World) -> None:
    awake.services.lifecycle.halt(USER)
    awake.stop()
    awake.send(1)
    assert "error" not in awake.push.types("laptop")
    for _ in range(10):
        minute(awake)
    assert (awake.tasks.running, waiting(awake)) == ([], [message(1)])
    assert awake.push.last("laptop", "status")["noteCode"] == "halted"

    shown = awake.services.lifecycle.lift(USER)

    assert (shown.state, shown.note) == (State.STARTING, None)
    awake.run()
    awake.answer()
    assert waiting(awake) == []


def test_nobody_starts_an_agent_by_hand_while_it_is_stopped(world: World) -> None:
    world.services.lifecycle.halt(USER)
    with pytest.raises(AgentUnavailable, match="You have stopped everything"):
        world.services.lifecycle.start(USER)
    world.receive("laptop", "status")
    assert world.push.last("laptop", "status")["noteCode"] == "halted"
    assert world.tasks.running == []


def test_the_deployments_switch_stops_every_agent_within_a_minute(awake: World) -> None:
    awake.connect("phone", "bob")
    awake.send(1)
    awake.send(2, connection_id="phone")
    assert len(awake.tasks.running) == 2
    halt_all(awake)
    minute(awake)
    assert awake.tasks.running == []
    assert awake.push.last("laptop", "status")["noteCode"] == "halted_all"
    for _ in range(20):
        minute(awake)
    assert awake.tasks.running == []
    assert waiting(awake) == [message(1)]

    lift_all(awake)
    minute(awake)
    assert len(awake.tasks.running) == 2


def test_a_user_does_not_lift_the_deployments_switch(world: World) -> None:
    halt_all(world)
    world.send(1)
    shown = world.services.lifecycle.lift(USER)
    assert (shown.state, shown.note) == (State.IDLE, "halted_all")
    assert world.tasks.running == []


def test_one_users_switch_stops_nobody_else(awake: World) -> None:
    awake.connect("phone", "bob")
    awake.services.lifecycle.halt(USER)
    awake.send(2, connection_id="phone")
    minute(awake)
    assert awake.tasks.running == ["task/bob/1"]


def test_behind_the_switch_no_message_is_given_up(world: World) -> None:
    """Starts that the switch has ended count as failed; they must not become a notice."""
    for number in range(1, 6):
        world.send(number)
        world.services.lifecycle.halt(USER)
        for _ in range(8):
            minute(world)
        assert world.agent.state is State.IDLE
        world.services.lifecycle.lift(USER)
    assert waiting(world) == [message(number) for number in range(1, 6)]


def test_a_lifted_switch_leaves_no_words_behind(awake: World) -> None:
    world = awake
    world.stop()
    halt_all(world)
    world.send(1)
    assert world.push.last("laptop", "status")["noteCode"] == "halted_all"
    lift_all(world)
    assert world.services.lifecycle.status(USER)[0].note is None
    minute(world)
    assert world.tasks.running == ["task/ada/2"]
    assert "noteCode" not in world.push.last("laptop", "status")


@pytest.mark.parametrize(("language", "words"), [("en", "Stopped: you have stopped everything"), ("ko", "정지")])
def test_telegram_says_so(language: str, words: str) -> None:
    world = World()
    phone = Phone(world, language=language)
    phone.pair()
    world.services.lifecycle.halt(USER)
    phone.say("hello")
    assert words in phone.said[-1]
    phone.say("/status")
    assert words in phone.said[-1]
    phone.say("/wake")
    assert world.tasks.running == []
    assert len(waiting(world)) == 1
