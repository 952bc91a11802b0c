"""Whatever state the agent is in, somebody will look into its inbox; and one task at most is started for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from chalicelib.domain.agent import State
from chalicelib.store import Item, Key, Table, Update, Write
from tests.fakes.store import MemoryStore
from tests.fakes.world import USER, World


def test_an_idle_agent_starts_under_the_next_epoch_with_a_key_of_its_own(world: World) -> None:
    first = world.services.wake.wake(USER)
    assert (first.state, first.epoch, first.task_arn) == (State.STARTING, 1, "task/ada/1")
    assert first.bridge_key is not None
    assert len(bytes.fromhex(first.bridge_key)) == 32
    world.stop()
    second = world.services.wake.wake(USER)
    assert second.epoch == 2
    assert second.bridge_key != first.bridge_key


def test_an_agent_that_starts_looks_by_itself(world: World) -> None:
    world.services.wake.wake(USER)
    world.services.wake.wake(USER)
    assert world.tasks.running == ["task/ada/1"]
    assert world.doorbell.rung == []


def test_two_messages_at_once_start_one_task(world: World) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(world.send, range(8)))
    assert world.tasks.running == ["task/ada/1"]
    assert (world.agent.epoch, world.agent.pending) == (1, 8)
    assert [each.seq for each in world.inbox.pending(USER)] == list(range(1, 16, 2))


class Repeating(MemoryStore):
    """The answer to a start is lost, and DynamoDB's client tries again."""

    def write(self, *writes: Write) -> Item:
        item = super().write(*writes)
        if any(isinstance(each, Update) and each.set.get("status") == "Starting" for each in writes):
            super().write(*writes)
        return item


def test_a_start_whose_answer_was_lost_has_its_task_at_once() -> None:
    world = World(store=Repeating())
    world.connect("laptop")
    world.send(1)
    assert (world.agent.state, world.agent.task_arn, world.agent.failures) == (State.STARTING, "task/ada/1", 0)
    assert world.push.last("laptop", "status")["status"] == "starting"


class Stopping(MemoryStore):
    """An agent whose bridge says good-bye after it was looked at some times."""

    looks = 0
    timeout = 4

    def get(self, table: Table, key: Key) -> Item | None:
        row = super().get(table, key)
        if row and table is Table.TASK_STATE and row.get("status") == "Stopping":
            self.looks += 1
            if self.looks == self.timeout:
                self.rows[table, USER, ""]["status"] = "Idle"
        return row


def asleep_soon(timeout: int) -> World:
    store = Stopping()
    store.timeout = timeout
    world = World(store=store)
    world.connect("laptop")
    world.services.lifecycle.start(USER)
    assert world.agents.expire(USER, world.run().epoch, world.clock(), quiet_since=None)
    return world


def test_a_message_to_an_agent_that_is_falling_asleep_waits_and_starts_it_again() -> None:
    world = asleep_soon(timeout=4)
    world.send(1)
    assert (world.agent.state, world.agent.epoch) == (State.STARTING, 2)


def test_a_message_does_not_wait_for_ever_for_an_agent_to_fall_asleep() -> None:
    world = asleep_soon(timeout=10_000)
    began = world.clock()
    world.send(1)
    assert (world.clock() - began).total_seconds() == 15
    assert world.agent.state is State.STOPPING
    assert world.push.types("laptop")[-1] == "ack"


def test_without_capacity_the_agent_is_idle_again_and_the_user_is_told(world: World) -> None:
    world.tasks.capacity = False
    world.send(1)
    assert (world.agent.state, world.agent.failures, world.agent.pending) == (State.IDLE, 1, 1)
    told = world.push.last("laptop", "status")
    assert (told["status"], told["noteCode"]) == ("idle", "no_capacity")
    assert "trying again in a minute" in told["note"]
    assert [agent.user_id for agent in world.agents.active()] == [USER]


def test_a_launch_whose_answer_is_lost_leaves_the_agent_starting(world: World) -> None:
    world.tasks.answers = False
    world.send(1)
    assert (world.agent.state, world.agent.task_arn) == (State.STARTING, None)
    assert "note" not in world.push.last("laptop", "status")


def test_a_task_that_came_too_late_is_stopped(world: World) -> None:
    begun = world.agents.begin(world.agent, "ab" * 32, world.clock())
    assert begun
    world.stop()
    assert world.services.wake.launch(begun) == begun
    assert world.tasks.running == []


def test_the_task_of_an_agent_that_was_stopped_meanwhile_is_stopped(world: World) -> None:
    begun = world.agents.begin(world.agent, "ab" * 32, world.clock())
    assert begun
    world.services.lifecycle.stop(USER)
    assert world.services.wake.launch(begun).state is State.STOPPING
    assert world.tasks.stops == [("task/ada/1", "nobody wants it any more")]


def test_a_start_without_capacity_that_was_replaced_meanwhile_changes_nothing(world: World) -> None:
    begun = world.agents.begin(world.agent, "ab" * 32, world.clock())
    assert begun
    world.stop()
    world.services.wake.wake(USER)
    world.tasks.capacity = False
    world.services.wake.launch(begun)
    assert (world.agent.state, world.agent.epoch) == (State.STARTING, 2)


def test_who_loses_the_race_to_start_sees_who_won(world: World) -> None:
    seen = world.agent
    won = world.services.wake.start(seen)
    assert world.services.wake.start(seen) == won
    assert world.tasks.running == ["task/ada/1"]


def test_an_agent_that_was_seen_running_is_rung_for_once_and_before_it_is_looked_at_again(world: World) -> None:
    world.services.wake.wake(USER)
    running = world.run()
    rung = list(world.doorbell.rung)
    world.services.wake.wake(USER, running)
    assert len(world.doorbell.rung) == len(rung) + 1


def test_an_agent_that_was_seen_running_and_sleeps_by_now_is_started_all_the_same(world: World) -> None:
    world.services.wake.wake(USER)
    running = world.run()
    world.stop()
    assert world.services.wake.wake(USER, running).epoch == running.epoch + 1
