from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.agent import Agent, State, Step
from chalicelib.domain.notes import DIED, NOT_STARTED, RECLAIMED
from chalicelib.domain.watchdog import (
    Action,
    Adopt,
    Expire,
    Finish,
    Limits,
    Rest,
    StopOrphan,
    Task,
    WakeUp,
    owner,
    sweep,
)
from tests.fakes.clock import NOON

LIMITS = Limits(idle=timedelta(minutes=15))
LONG_AGO = NOON - timedelta(hours=1)
AGENT = Agent(
    "ada", State.RUNNING, epoch=7, since=LONG_AGO, started_at=LONG_AGO, last_active_at=NOON, task_arn="task/ada"
)
TASK = Task("task/ada", "ada/7", LONG_AGO)


def decide(*agents: Agent, tasks: tuple[Task, ...] = (TASK,)) -> list[Action]:
    return list(sweep(agents, tasks, NOON, LIMITS))


def test_leaves_a_busy_agent_alone() -> None:
    assert decide(AGENT) == []


def test_puts_an_idle_agent_to_sleep_unless_something_happens_meanwhile() -> None:
    idle = replace(AGENT, last_active_at=LONG_AGO)
    assert decide(idle) == [Expire(idle, "idle", quiet_since=NOON - timedelta(minutes=18))]


def test_gives_the_bridge_three_minutes_to_do_so_itself() -> None:
    assert decide(replace(AGENT, last_active_at=NOON - timedelta(minutes=17, seconds=59))) == []


def test_keeps_an_agent_that_has_work_however_long_it_is_silent() -> None:
    silent = replace(AGENT, last_active_at=LONG_AGO)
    for busy in (replace(silent, inflight=1), replace(silent, pending=1), replace(silent, undelivered=1)):
        assert decide(busy) == []


def test_ends_a_start_that_takes_too_long() -> None:
    stuck = replace(AGENT, state=State.STARTING)
    assert decide(stuck) == [Expire(stuck, "did not start in time")]


def test_lets_a_young_agent_finish_starting() -> None:
    assert decide(replace(AGENT, state=State.STARTING, since=NOON - timedelta(minutes=5))) == []


def test_ends_a_stop_that_takes_too_long() -> None:
    stuck = replace(AGENT, state=State.STOPPING)
    assert decide(stuck) == [Expire(stuck, "did not stop in time")]


def test_lets_an_agent_stop_in_its_own_time() -> None:
    assert decide(replace(AGENT, state=State.STOPPING, since=NOON - timedelta(seconds=100))) == []


def test_finishes_an_agent_whose_task_is_gone() -> None:
    assert decide(AGENT, tasks=()) == [Finish(AGENT, "the task is gone")]


def test_finishes_an_agent_whose_task_has_stopped_at_once() -> None:
    assert decide(AGENT, tasks=(replace(TASK, stopped=True),)) == [Finish(AGENT, "the task stopped", DIED)]


@pytest.mark.parametrize(
    ("agent", "reclaimed", "note"),
    [
        (AGENT, True, RECLAIMED),
        (replace(AGENT, state=State.STARTING, step=Step.GATEWAY), False, NOT_STARTED),
        (replace(AGENT, state=State.STOPPING, step=Step.READY), False, None),
    ],
)
def test_says_why_an_agent_starts_again(agent: Agent, reclaimed: bool, note: str | None) -> None:
    ended = replace(TASK, stopped=True, reclaimed=reclaimed)
    assert decide(agent, tasks=(ended,)) == [Finish(agent, "the task stopped", note)]


def test_remembers_an_agent_whose_task_ecs_does_not_list_yet() -> None:
    young = replace(AGENT, since=NOON - timedelta(seconds=5))
    assert decide(young, tasks=()) == []


def test_remembers_an_agent_whose_task_was_asked_for_late() -> None:
    relaunched = replace(AGENT, state=State.STARTING, launched_at=NOON - timedelta(minutes=4))
    assert decide(relaunched, tasks=()) == []


def test_gives_a_task_that_was_asked_for_late_its_full_time_to_start() -> None:
    relaunched = replace(AGENT, state=State.STARTING, launched_at=NOON - timedelta(minutes=4))
    assert decide(relaunched) == []


def test_lets_a_bridge_whose_task_nobody_wrote_down_leave_in_its_own_time() -> None:
    since = NOON - timedelta(seconds=100)
    leaving = replace(AGENT, state=State.STOPPING, task_arn=None, address="10.0.0.1:8080", since=since)
    assert decide(leaving, tasks=()) == []


def test_gives_up_a_start_whose_task_nobody_wrote_down() -> None:
    lost = replace(AGENT, state=State.STARTING, task_arn=None)
    assert decide(lost, tasks=()) == [Finish(lost, "nobody wrote down its task")]


def test_leaves_a_launch_that_is_under_way_alone() -> None:
    launching = replace(AGENT, state=State.STARTING, task_arn=None, since=NOON - timedelta(seconds=30))
    assert decide(launching, tasks=()) == []


def test_wakes_an_idle_agent_that_something_waits_for() -> None:
    waited_for = Agent("ada", State.IDLE, pending=1)
    assert decide(waited_for, tasks=()) == [WakeUp(waited_for)]


def test_lets_an_idle_agent_that_nothing_waits_for_rest() -> None:
    assert decide(Agent("ada"), tasks=()) == [Rest(Agent("ada"))]


SLEEPING = Agent("ada", State.IDLE, epoch=7, next_wake_at=NOON + timedelta(minutes=10))


def test_lets_an_agent_sleep_until_its_cron_job_is_near() -> None:
    assert decide(SLEEPING, tasks=()) == []


def test_wakes_an_agent_in_time_for_its_cron_job() -> None:
    due = replace(SLEEPING, next_wake_at=NOON + timedelta(seconds=80))
    assert decide(due, tasks=()) == [WakeUp(due)]


def test_stops_a_task_that_no_agent_owns() -> None:
    assert decide() == [StopOrphan("task/ada", "no agent owns this task")]


def test_spares_a_task_that_is_too_young_to_be_known() -> None:
    assert decide(tasks=(replace(TASK, created_at=NOON - timedelta(minutes=9)),)) == []


def test_forgets_nobodys_task_once_it_has_stopped() -> None:
    assert decide(tasks=(replace(TASK, stopped=True),)) == []


def test_adopts_the_task_of_a_start_whose_answer_was_lost() -> None:
    lost = replace(AGENT, state=State.STARTING, task_arn=None)
    assert decide(lost) == [Adopt(lost, "task/ada")]


def test_adopts_the_task_of_an_agent_that_ran_before_its_task_was_written_down() -> None:
    quick = replace(AGENT, task_arn=None)
    assert decide(quick) == [Adopt(quick, "task/ada")]


def test_adopts_the_task_of_an_agent_that_was_stopped_before_its_task_was_written_down() -> None:
    stopping = replace(AGENT, state=State.STOPPING, task_arn=None)
    assert decide(stopping) == [Adopt(stopping, "task/ada")]


def test_finishes_an_agent_that_was_stopped_before_it_had_a_task() -> None:
    stopping = replace(AGENT, state=State.STOPPING, task_arn=None)
    assert decide(stopping, tasks=()) == [Finish(stopping, "it was stopped before it had a task")]


def test_finishes_a_running_agent_of_which_ecs_knows_nothing() -> None:
    quick = replace(AGENT, task_arn=None)
    assert decide(quick, tasks=()) == [Finish(quick, "the task is gone")]


def test_stops_a_twin_of_the_task_that_the_agent_owns() -> None:
    twin = replace(TASK, arn="task/twin")
    assert decide(AGENT, tasks=(TASK, twin)) == [StopOrphan("task/twin", "no agent owns this task")]


def test_stops_the_task_of_an_earlier_start() -> None:
    earlier = Task("task/old", "ada/6", LONG_AGO)
    assert decide(AGENT, tasks=(TASK, earlier)) == [StopOrphan("task/old", "no agent owns this task")]


def test_an_idle_agent_owns_no_task() -> None:
    idle = replace(AGENT, state=State.IDLE, task_arn=None)
    assert decide(idle) == [Rest(idle), StopOrphan("task/ada", "no agent owns this task")]


def test_an_owner_says_whose_and_which_start() -> None:
    assert owner("ada", 7) == "ada/7"
