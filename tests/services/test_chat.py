"""What comes over the socket: accepted first, acknowledged, then whoever answers is woken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.agent import State
from chalicelib.errors import ConditionFailed, NotAllowed
from chalicelib.store import Item, Table, Write
from chalicelib.tables.approvals import AskedApproval
from tests.fakes.identity import identity
from tests.fakes.store import MemoryStore
from tests.fakes.values import TALK
from tests.fakes.world import ORIGIN, USER, World, message


def test_a_message_is_acknowledged_and_starts_the_agent(world: World) -> None:
    sent = world.send(1)
    ack, status = world.push.frames["laptop"]
    assert ack == {"type": "ack", "id": sent, "conversationId": TALK, "seq": 1}
    assert (status["type"], status["status"], status["stage"]) == ("status", "starting", "queued")
    assert world.tasks.running == ["task/ada/1"]


class Broken(MemoryStore):
    """Takes one message, and then nothing more."""

    accepted = False

    def write(self, *writes: Write) -> Item:
        if self.accepted:
            raise ConnectionError("the tables do not answer")
        self.accepted = any(write.table is Table.PENDING_MESSAGES for write in writes)
        return super().write(*writes)


def test_the_ack_waits_for_the_inbox_and_for_nothing_else() -> None:
    world = World(store=Broken())
    world.connect("laptop")
    with pytest.raises(ConnectionError):
        world.send(1)
    assert world.push.types("laptop") == ["ack"]
    assert [each.id for each in world.inbox.pending(USER)] == [message(1)]
    assert [agent.pending for agent in world.agents.active()] == [1]


def test_the_same_message_again_is_acknowledged_again_and_told_to_nobody(world: World) -> None:
    world.connect("phone")
    world.send(1)
    world.send(1)
    acks = [frame for frame in world.push.frames["laptop"] if frame["type"] == "ack"]
    assert acks[0] == acks[1]
    assert world.push.types("phone").count("message") == 1
    assert len(world.inbox.pending(USER)) == 1


def test_the_users_other_devices_see_what_was_sent(world: World) -> None:
    world.connect("phone")
    world.connect("stranger", "bob")
    sent = world.send(1, "안녕")
    shown = world.push.last("phone", "message")
    assert (shown["id"], shown["text"], shown["status"], shown["seq"]) == (sent, "안녕", "pending", 1)
    assert "message" not in world.push.types("laptop")
    assert world.push.types("stranger") == []


def test_a_decision_is_kept_and_whoever_works_is_rung(awake: World) -> None:
    asked = AskedApproval(USER, "77777777-7777-5777-8777-777777777777", 1, TALK, message(1), "ls")
    awake.services.rows.approvals.ask(asked, awake.clock())
    awake.receive("laptop", "approve", id=asked.id, decision="deny")
    assert awake.doorbell.rung == [(USER, 1)]
    assert [each.decision for each in awake.inbox.look(USER).asked] == ["deny"]
    assert "error" not in awake.push.types("laptop")


def test_a_decision_that_nobody_waits_for_is_refused_by_the_name_of_the_question(awake: World) -> None:
    awake.receive("laptop", "approve", id="77777777-7777-5777-8777-777777777777", decision="allow")
    refused = awake.push.last("laptop", "error")
    assert (refused["code"], refused["id"]) == ("not_found", "77777777-7777-5777-8777-777777777777")
    assert awake.doorbell.rung == []


def test_a_running_agent_is_rung_and_not_started_again(awake: World) -> None:
    awake.send(1)
    assert awake.doorbell.rung == [(USER, 1)]
    assert awake.tasks.running == ["task/ada/1"]
    assert awake.push.types("laptop") == ["ack"]


def test_a_lost_doorbell_costs_latency_not_the_message(awake: World) -> None:
    awake.doorbell.answers = False
    awake.send(1)
    assert awake.push.types("laptop") == ["ack"]
    assert [each.id for each in awake.inbox.pending(USER)] == [message(1)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": ""}, "invalid_message"),
        ({"text": "x" * 30_000}, "too_large"),
        ({"runtime": "moon"}, "invalid_message"),
    ],
)
def test_a_refused_message_is_named_in_the_refusal(world: World, fields: dict[str, str], code: str) -> None:
    world.receive("laptop", "send", **{"id": message(1), "conversationId": TALK, "text": "Hello", **fields})
    (refusal,) = world.push.frames["laptop"]
    assert (refusal["type"], refusal["code"], refusal["id"], refusal["retryable"]) == ("error", code, message(1), False)
    assert world.inbox.pending(USER) == ()
    assert world.tasks.running == []


class Contended(MemoryStore):
    """Somebody else always takes the number first."""

    def write(self, *writes: Write) -> Item:
        if any(write.table is Table.PENDING_MESSAGES for write in writes):
            raise ConditionFailed("the number is taken")
        return super().write(*writes)


def test_a_message_that_could_not_be_accepted_may_be_sent_again() -> None:
    world = World(store=Contended())
    world.connect("laptop")
    world.send(1)
    (refusal,) = world.push.frames["laptop"]
    assert (refusal["code"], refusal["retryable"], refusal["id"]) == ("agent_unavailable", True, message(1))
    assert world.tasks.running == []


def test_noise_is_refused_without_a_name(world: World) -> None:
    world.services.chat.receive("laptop", "hello?")
    (refusal,) = world.push.frames["laptop"]
    assert (refusal["code"], "id" in refusal) == ("invalid_message", False)


def test_a_socket_nobody_knows_may_say_nothing_and_is_closed(world: World) -> None:
    world.send(1, connection_id="stranger")
    assert world.inbox.pending(USER) == ()
    assert world.push.closed == ["stranger"]


def test_a_socket_whose_time_is_over_may_say_nothing(world: World) -> None:
    world.clock.advance(hours=3)
    world.receive("laptop", "ping")
    assert (world.push.closed, world.push.frames) == (["laptop"], {})


def test_a_ticket_opens_one_socket_of_the_page_it_was_issued_to(world: World) -> None:
    ticket = world.services.tickets.issue(identity(USER, world.clock()))
    assert ticket.expires_at == world.clock() + timedelta(seconds=30)
    with pytest.raises(NotAllowed):
        world.services.chat.connect("evil", ticket.ticket, "https://evil.example")
    world.services.chat.connect("phone", ticket.ticket, ORIGIN)
    with pytest.raises(NotAllowed):
        world.services.chat.connect("thief", ticket.ticket, ORIGIN)
    assert world.push.frames == {}


def test_a_closed_socket_is_forgotten_and_may_close_twice(world: World) -> None:
    world.services.chat.disconnect("laptop")
    world.services.chat.disconnect("laptop")
    assert world.services.rows.connections.of(USER, world.clock()) == frozenset()


def test_a_socket_that_is_only_being_opened_is_not_forgotten_though_nobody_is_there_yet(world: World) -> None:
    world.connect("phone")
    world.push.gone.add("phone")
    world.send(1)
    assert world.services.rows.connections.of(USER, world.clock()) == {"laptop", "phone"}


def test_a_socket_that_is_gone_is_forgotten_and_costs_nothing(world: World) -> None:
    world.connect("phone")
    world.push.gone.add("phone")
    world.clock.advance(seconds=10)
    world.send(1)
    assert world.services.rows.connections.of(USER, world.clock()) == {"laptop"}


def test_a_socket_that_takes_nothing_now_is_closed_so_that_its_page_comes_back_and_catches_up(world: World) -> None:
    world.connect("phone")
    world.push.stuck.add("laptop")
    world.send(1)
    assert world.push.closed == ["laptop"]
    assert world.services.rows.connections.of(USER, world.clock()) == {"phone"}
    assert "message" in world.push.types("phone")
    assert world.tasks.running == ["task/ada/1"]


def test_a_ping_gets_a_pong_and_the_status_that_may_have_been_lost(world: World) -> None:
    world.receive("laptop", "ping")
    assert world.push.types("laptop") == ["pong", "status"]


def test_whoever_asks_for_the_status_gets_it_alone(awake: World) -> None:
    awake.connect("phone")
    awake.receive("phone", "status")
    assert awake.push.last("phone", "status")["status"] == "running"
    assert awake.push.types("laptop") == []


def test_a_cancelled_turn_is_marked_and_the_bridge_is_rung(awake: World) -> None:
    sent = awake.send(1)
    awake.receive("laptop", "cancel", turn=sent)
    assert awake.inbox.pending(USER)[0].cancelled
    assert len(awake.doorbell.rung) == 2


def test_cancelling_what_is_answered_does_nothing(awake: World) -> None:
    sent = awake.send(1)
    awake.answer()
    awake.receive("laptop", "cancel", turn=sent)
    assert len(awake.doorbell.rung) == 1
    assert "error" not in awake.push.types("laptop")


def test_a_page_that_comes_back_gets_what_it_missed(awake: World) -> None:
    awake.send(1, "one")
    awake.answer("first")
    awake.send(2, "two")
    awake.push.frames.clear()
    awake.receive("laptop", "resume", conversationId=TALK, after=0)
    *messages, status = awake.push.frames["laptop"]
    assert [(each["seq"], each["text"], each["status"]) for each in messages] == [
        (1, "one", "committed"),
        (2, "first", "committed"),
        (3, "two", "pending"),
    ]
    assert (status["type"], status["pending"]) == ("status", 1)


def test_a_page_gets_only_what_came_after_what_it_has(awake: World) -> None:
    awake.send(1, "one")
    awake.answer("first")
    awake.push.frames.clear()
    awake.receive("laptop", "resume", conversationId=TALK, after=2)
    assert awake.push.types("laptop") == ["status"]


def test_a_page_that_missed_part_of_a_running_answer_asks_the_bridge(awake: World) -> None:
    sent = awake.send(1)
    rung = len(awake.doorbell.rung)
    awake.receive("laptop", "resume", conversationId=TALK, after=0, turn=sent, chunk=3)
    (wish,) = awake.inbox.look(USER).catchups
    assert (wish.connection_id, wish.conversation_id) == ("laptop", TALK)
    assert len(awake.doorbell.rung) == rung + 1


def test_a_page_that_comes_back_to_a_sleeping_agent_does_not_wake_it(awake: World) -> None:
    awake.send(1)
    awake.answer()
    awake.stop()
    awake.receive("laptop", "resume", conversationId=TALK, after=0)
    assert awake.agent.state is State.IDLE
    assert awake.inbox.look(USER).catchups == ()


def test_a_long_answer_is_streamed_anew_to_a_page_that_missed_it(awake: World) -> None:
    awake.send(1)
    awake.answer("한 " * 20_000)
    awake.push.frames.clear()
    awake.receive("laptop", "resume", conversationId=TALK, after=0)
    kinds = awake.push.types("laptop")
    assert (kinds[0], kinds[1], kinds[-2], kinds[-1]) == ("message", "stream_chunk", "stream_end", "status")
