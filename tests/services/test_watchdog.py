"""The backstop: puts to sleep what is idle, mends what is broken, and never harms what works."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import protocol
from chalicelib.domain.agent import Agent, State
from chalicelib.domain.notes import AWS_SILENT, BACKUP_DAMAGED, FOR_THE_OWNER, NOTES, RESTORE_NO_ROOM, START_REFUSED
from chalicelib.domain.watchdog import Action, Adopt, Expire, Finish, Rest, StopOrphan, Task, WakeUp
from chalicelib.errors import AgentUnavailable
from chalicelib.store import Item, Put, Table, Update, Write
from tests.fakes.store import MemoryStore
from tests.fakes.values import KEY, TALK
from tests.fakes.world import IDLE, USER, World, message


def sweep(world: World, **later: float) -> list[type[Action]]:
    world.clock.advance(**later)
    return [type(action) for action in world.services.watchdog.run()]


def test_an_idle_agent_is_put_to_sleep_and_its_task_stopped(awake: World) -> None:
    assert sweep(awake, minutes=18) == [Expire]
    assert awake.agent.state is State.STOPPING
    assert awake.tasks.stops == [("task/ada/1", "idle")]
    assert awake.push.last("laptop", "status")["status"] == "stopping"


def test_a_busy_agent_is_left_alone_however_long_it_takes(awake: World) -> None:
    awake.send(1)
    assert sweep(awake, hours=5) == []
    assert awake.tasks.running == ["task/ada/1"]


class Late(MemoryStore):
    """An index that shows the agent as it was before the last message."""

    shown: list[Item] | None = None

    def active(self) -> list[Item]:
        return super().active() if self.shown is None else self.shown


def test_a_message_in_between_keeps_an_idle_agent() -> None:
    store = Late()
    world = World(store=store)
    world.connect("laptop")
    world.services.lifecycle.start(USER)
    world.run()
    store.shown = store.active()
    world.clock.advance(minutes=20)
    world.send(1)
    assert sweep(world) == [Expire]
    assert world.agent.state is State.RUNNING
    assert world.tasks.stops == []


def test_the_users_own_idle_time_counts(awake: World) -> None:
    awake.agents.keep_idle(USER, 60)
    assert sweep(awake, minutes=62) == []
    assert sweep(awake, minutes=2) == [Expire]


def test_nothing_happens_when_ecs_cannot_be_asked(awake: World) -> None:
    awake.tasks.answers = False
    assert sweep(awake, hours=5) == []
    assert awake.agent.state is State.RUNNING


def test_who_waits_for_a_machine_is_told_that_aws_does_not_answer_and_when_it_does(world: World) -> None:
    world.tasks.answers = False
    world.send(1)
    assert sweep(world, seconds=30) == []
    assert world.agent.note is None, "a lost answer is found again within a minute"
    assert sweep(world, seconds=60) == []
    told = world.push.last("laptop", "status")
    assert (told["status"], told["noteCode"]) == ("starting", "aws_silent")
    frames = len(world.push.frames["laptop"])
    assert sweep(world, seconds=60) == []
    assert len(world.push.frames["laptop"]) == frames, "once"
    world.tasks.answers = True
    assert sweep(world, seconds=60) == [Adopt]
    assert "note" not in world.push.last("laptop", "status")
    assert world.agent.note is None


def test_an_agent_that_works_is_not_doubted_while_aws_does_not_answer(awake: World) -> None:
    awake.tasks.answers = False
    awake.send(1)
    awake.clock.advance(minutes=5)
    awake.agents.touch(USER, 1, awake.clock())
    assert sweep(awake, minutes=1) == []
    assert awake.agent.note is None
    assert sweep(awake, minutes=5) == [], "nobody has heard of it for long"
    assert awake.agent.note == "aws_silent"


def test_why_nothing_starts_is_not_forgotten_while_aws_does_not_answer(awake: World) -> None:
    awake.send(1)
    awake.agents.set_note(USER, 1, RESTORE_NO_ROOM)
    awake.tasks.answers = False
    sweep(awake, minutes=16)
    assert awake.agent.note == RESTORE_NO_ROOM


def test_nobody_is_told_that_aws_is_silent_who_waits_for_nothing(awake: World) -> None:
    awake.agents.set_note(USER, 1, AWS_SILENT)
    assert "note" not in protocol.status(awake.agent)
    awake.send(1)
    assert protocol.status(awake.agent)["noteCode"] == AWS_SILENT


def test_an_agent_whose_task_died_is_idle_and_rests(awake: World) -> None:
    awake.tasks.end("task/ada/1")
    assert sweep(awake) == [Finish]
    assert awake.agent.state is State.IDLE
    assert awake.push.last("laptop", "status")["status"] == "idle"
    assert awake.agent.note is None, "nothing starts again, so there is nothing to explain"
    assert awake.agents.active() == []


def test_an_agent_whose_task_died_starts_again_while_something_waits(awake: World) -> None:
    awake.send(1)
    awake.tasks.end("task/ada/1")
    assert sweep(awake) == [Finish]
    assert (awake.agent.state, awake.agent.epoch, awake.agent.failures) == (State.STARTING, 2, 0)
    assert awake.tasks.running == ["task/ada/2"]
    assert awake.push.last("laptop", "status")["noteCode"] == "died"
    awake.run()
    assert awake.agent.note is None


def test_a_sweep_that_comes_twice_does_no_more(awake: World) -> None:
    awake.send(1)
    awake.tasks.end("task/ada/1")
    agent = awake.agent
    sweep(awake)
    awake.services.watchdog._perform(Finish(agent, "the task stopped"))
    assert awake.agent.epoch == 2
    assert awake.tasks.running == ["task/ada/2"]


class Moody(MemoryStore):
    """Takes nothing for one user's row."""

    refused = ""

    def write(self, *writes: Write) -> Item:
        if any(self.refused in each.key.values() for each in writes if isinstance(each, Update)):
            raise AgentUnavailable("the table does not answer")
        return super().write(*writes)


def test_what_fails_for_one_agent_keeps_no_other_from_being_looked_after_and_is_heard() -> None:
    store = Moody()
    world = World(store=store)
    for user in ("ada", "bob"):
        world.services.lifecycle.start(user)
        world.agents.register(user, 1, "10.0.0.1:8080", "ab" * 32)
        world.agents.ready(user, 1, world.clock())
    world.clock.advance(minutes=18)
    store.refused = "ada"
    with pytest.raises(AgentUnavailable, match="does not answer"):
        world.services.watchdog.run()
    assert [world.agents.get(user).state for user in ("ada", "bob")] == [State.RUNNING, State.STOPPING]


def test_a_launch_whose_answer_was_lost_is_found_again(world: World) -> None:
    world.tasks.answers = False
    world.send(1)
    world.tasks.answers = True
    assert sweep(world, seconds=10) == [Adopt]
    assert (world.agent.task_arn, world.agent.epoch) == ("task/ada/1", 1)
    assert world.tasks.running == ["task/ada/1"]


def test_a_launch_that_never_happened_is_made_up_for_under_the_next_epoch(world: World) -> None:
    """Under the same one, a task that is only late would have a sister of another capacity."""
    world.send(1)
    assert world.agents.stopped(world.agent, world.clock())
    assert world.agents.begin(world.agent, KEY, world.clock())
    assert sweep(world, seconds=59) == []
    assert sweep(world, seconds=2) == [Finish]
    assert (world.agent.task_arn, world.agent.epoch) == ("task/ada/3", 3)


def test_a_start_whose_task_was_written_down_meanwhile_is_not_given_up(world: World) -> None:
    begun = world.agents.begin(world.agent, KEY, world.clock())
    assert begun
    assert world.agents.launched(begun, "task/ada/1", world.clock())
    assert world.agents.stopped(begun, world.clock()) is None


def test_an_agent_stopped_before_it_had_a_task_is_idle_again(world: World) -> None:
    assert world.agents.begin(world.agent, KEY, world.clock())
    world.services.lifecycle.stop(USER)
    assert sweep(world, seconds=61) == [Finish]
    assert world.agent.state is State.IDLE
    assert world.tasks.tasks == {}


def test_a_start_that_takes_too_long_is_ended_and_tried_again(world: World) -> None:
    world.send(1)
    assert sweep(world, minutes=6, seconds=1) == [Expire]
    assert (world.agent.state, world.tasks.stops) == (State.STOPPING, [("task/ada/1", "did not start in time")])
    assert sweep(world) == [Finish]
    assert (world.agent.state, world.agent.epoch, world.agent.failures) == (State.STARTING, 2, 1)


def test_a_stop_that_takes_too_long_is_asked_for_again(awake: World) -> None:
    assert awake.agents.expire(USER, 1, awake.clock(), quiet_since=None)
    assert sweep(awake, seconds=100) == []
    assert sweep(awake, seconds=51) == [Expire]
    assert awake.tasks.stops == [("task/ada/1", "did not stop in time")]
    assert sweep(awake) == [Finish]
    assert awake.agent.state is State.IDLE


def test_after_three_failed_starts_the_user_is_told_and_the_next_message_is_tried_anew(world: World) -> None:
    world.tasks.capacity = False
    world.send(1, "one")
    world.send(2, "two")
    assert world.agent.failures == 2
    assert sweep(world, minutes=1) == [WakeUp]
    assert (world.agent.failures, world.agent.pending) == (3, 2)
    assert sweep(world, minutes=1) == [WakeUp]
    assert world.inbox.pending(USER) == ()
    agent = world.agent
    assert (agent.state, agent.failures, agent.pending, agent.undelivered) == (State.IDLE, 0, 0, 0)
    told = [frame for frame in world.push.frames["laptop"] if frame["type"] == "message"]
    assert [frame["text"] for frame in told[::2]] == ["one", "two"]
    notices = told[1::2]
    assert [(each["turn"], each["role"], each["errorCode"], each["retryable"]) for each in notices] == [
        (message(1), "notice", "agent_unavailable", True),
        (message(2), "notice", "agent_unavailable", True),
    ]
    page = world.services.history.page(USER, TALK, None, None)
    assert [(entry.seq, entry.role) for entry in page.entries] == [
        (1, "user"),
        (2, "notice"),
        (3, "user"),
        (4, "notice"),
    ]
    assert sweep(world) == [Rest]
    assert sweep(world) == []
    world.tasks.capacity = True
    world.send(3)
    assert world.agent.state is State.STARTING


def test_a_backup_that_kept_the_agent_from_starting_is_named(world: World) -> None:
    world.send(1)
    for _ in range(3):
        world.agents.set_note(USER, world.agent.epoch, BACKUP_DAMAGED)
        assert world.agents.stopped(world.agent, world.clock())
        sweep(world, minutes=1)
    told = world.push.last("laptop", "message")
    assert told["role"] == "notice" and NOTES[BACKUP_DAMAGED] in told["text"]


@pytest.mark.parametrize("note", sorted(FOR_THE_OWNER - {START_REFUSED}))
def test_a_disk_that_does_not_take_the_backup_costs_two_starts_and_then_waits_for_the_owner(
    world: World, note: str
) -> None:
    world.send(1)
    for _ in range(6):
        if world.agent.state is State.STARTING:
            world.agents.set_note(USER, world.agent.epoch, note)
            assert world.agents.stopped(world.agent, world.clock())
        sweep(world, minutes=1)

    told = world.push.last("laptop", "message")
    assert (told["role"], told["retryable"]) == ("notice", True) and NOTES[note] in told["text"]
    assert (world.agent.epoch, world.agent.note, world.agent.pending) == (2, note, 0)


def test_a_start_that_aws_refuses_is_tried_twice_and_its_words_reach_the_person_and_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.tasks.refusal = "AccessDeniedException: not authorized to perform: ecs:RunTask"
    world.send(1)
    for _ in range(4):
        sweep(world, minutes=1)

    told, status = world.push.last("laptop", "message"), world.push.last("laptop", "status")
    assert (told["role"], told["errorKey"]) == ("notice", "agent_unavailable.start_refused")
    assert told["errorParams"] == {"reason": world.tasks.refusal} and world.tasks.refusal in told["text"]
    assert (status["noteCode"], status["noteArgs"]) == ("start_refused", {"reason": world.tasks.refusal})
    assert (world.agent.epoch, world.agent.pending) == (2, 0)
    assert caplog.text.count(world.tasks.refusal) == 2


def test_a_task_that_could_not_be_started_is_told_in_awss_words(world: World) -> None:
    world.send(1)
    world.tasks.tasks["task/ada/1"] = replace(
        world.tasks.tasks["task/ada/1"], stopped=True, never_ran=True, why="CannotPullContainerError: no such tag"
    )
    assert sweep(world) == [Finish]
    assert world.push.last("laptop", "status")["note"].endswith("CannotPullContainerError: no such tag")


def test_starts_that_time_out_are_not_repeated_for_ever(world: World) -> None:
    world.send(1)
    for _ in range(12):
        sweep(world, minutes=7)
    assert world.inbox.pending(USER) == ()
    assert world.agent.epoch == 3
    assert world.tasks.running == []


def test_capacity_that_comes_back_answers_what_waits(world: World) -> None:
    world.tasks.capacity = False
    world.send(1)
    world.tasks.capacity = True
    assert sweep(world, minutes=1) == [WakeUp]
    assert world.agent.state is State.STARTING
    world.run()
    assert world.answer().seq == 2


def test_a_message_that_somebody_took_meanwhile_is_not_given_up(world: World) -> None:
    world.tasks.capacity = False
    world.send(1)
    stale = world.agent
    world.tasks.capacity = True
    world.services.wake.wake(USER)
    world.services.watchdog._give_up(stale)
    assert [each.id for each in world.inbox.pending(USER)] == [message(1)]
    assert "message" not in world.push.types("laptop")


def test_a_task_nobody_owns_is_stopped_after_a_while(world: World) -> None:
    world.tasks.tasks["task/lost"] = Task("task/lost", "ada/0", world.clock())
    assert sweep(world, minutes=9) == []
    assert sweep(world, minutes=2) == [StopOrphan]
    assert world.tasks.stops == [("task/lost", "no agent owns this task")]


def test_an_idle_row_that_nothing_waits_for_leaves_the_index(world: World) -> None:
    row = {"userId": USER, "status": "Idle", "epoch": 1, "pending": 0, "undelivered": 0, "active": "yes"}
    world.store.write(Put(Table.TASK_STATE, row))
    assert sweep(world) == [Rest]
    assert sweep(world) == []


def test_no_task_outlives_its_last_activity_by_more_than_promised(awake: World) -> None:
    awake.send(1)
    awake.answer()
    last = awake.clock()
    while awake.agent.state is State.RUNNING:
        sweep(awake, minutes=1)
    assert awake.clock() - last <= IDLE + timedelta(minutes=1, seconds=120)


def test_agents_of_different_users_are_each_looked_at(awake: World) -> None:
    awake.services.lifecycle.start("bob")
    awake.tasks.end("task/bob/1")
    assert sweep(awake) == [Finish]
    assert awake.agents.get("bob") != Agent("bob")
    assert awake.agent.state is State.RUNNING
