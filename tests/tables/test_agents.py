"""Every transition of the agent is one conditional write: legal ones move, all others write nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.domain.agent import TRANSITIONS, Agent, AgentEvent, State, Step
from chalicelib.store import Item, Put, Store, Table
from chalicelib.tables.agents import Agents
from tests.fakes.clock import NOON
from tests.fakes.values import KEY
from tests.tables.scenes import USER, accept, running, starting

Act = Callable[[Agents, int], Agent | None]
ACTS: dict[AgentEvent, Act] = {
    AgentEvent.REQUESTED: lambda agents, epoch: agents.begin(Agent(USER, epoch=epoch), KEY, NOON),
    AgentEvent.READY: lambda agents, epoch: agents.ready(USER, epoch, NOON),
    AgentEvent.EXPIRED: lambda agents, epoch: agents.expire(USER, epoch, NOON, quiet_since=None),
    AgentEvent.STOPPED: lambda agents, epoch: agents.stopped(Agent(USER, epoch=epoch), NOON),
}


def put(store: Store, state: State, epoch: int = 5) -> Agents:
    row: Item = {"userId": USER, "status": state.value, "epoch": epoch, "stages": {}, "pending": 0, "undelivered": 0}
    store.write(Put(Table.TASK_STATE, row))
    return Agents(store)


@pytest.mark.parametrize("event", AgentEvent)
@pytest.mark.parametrize("state", State)
def test_a_legal_event_moves_the_row_and_any_other_leaves_it(store: Store, state: State, event: AgentEvent) -> None:
    agents = put(store, state)
    before = agents.get(USER)
    moved = ACTS[event](agents, 5)
    if after := TRANSITIONS[state].get(event):
        assert moved == agents.get(USER)
        assert moved is not None
        assert (moved.state, moved.since) == (after, NOON)
    else:
        assert moved is None
        assert agents.get(USER) == before


@pytest.mark.parametrize("epoch", [4, 6])
@pytest.mark.parametrize("event", AgentEvent)
def test_an_event_of_another_epoch_moves_nothing(store: Store, event: AgentEvent, epoch: int) -> None:
    for state in State:
        agents = put(store, state)
        before = agents.get(USER)
        assert ACTS[event](agents, epoch) is None
        assert agents.get(USER) == before


def test_a_user_nobody_knows_has_an_idle_agent(store: Store) -> None:
    assert Agents(store).get(USER) == Agent(USER)
    for event in (AgentEvent.READY, AgentEvent.EXPIRED, AgentEvent.STOPPED):
        assert ACTS[event](Agents(store), 0) is None


def test_a_start_whose_answer_was_lost_and_that_was_tried_again_is_ours(store: Store) -> None:
    agents = put(store, State.IDLE)
    begun = agents.begin(Agent(USER, epoch=5), KEY, NOON)
    assert begun
    assert agents.begin(Agent(USER, epoch=5), KEY, NOON) == begun
    assert agents.begin(Agent(USER, epoch=5), "ab" * 32, NOON) is None
    agents.ready(USER, 6, NOON)
    assert agents.begin(Agent(USER, epoch=5), KEY, NOON) is None


def test_a_start_begins_the_next_epoch_with_a_clean_row(store: Store) -> None:
    first = starting(store)
    assert (first.epoch, first.step, first.steps) == (1, Step.QUEUED, {"queued": NOON})
    agents = Agents(store)
    agents.launched(first, "task/1", NOON)
    agents.register(USER, 1, "10.0.0.1:8080", "ab")
    assert agents.stopped(agents.get(USER), NOON)
    second = starting(store, NOON + timedelta(hours=1))
    assert (second.epoch, second.started_at) == (2, NOON + timedelta(hours=1))
    assert (second.task_arn, second.address, second.certificate_sha256, second.inflight) == (None, None, None, 0)


def test_of_many_starts_at_once_one_wins(store: Store) -> None:
    agents = Agents(store)
    seen = agents.get(USER)
    with ThreadPoolExecutor(8) as threads:
        begun = list(threads.map(lambda key: agents.begin(seen, f"{key:064x}", NOON), range(8)))
    winners = [agent for agent in begun if agent]
    assert len(winners) == 1
    assert agents.get(USER) == winners[0]


def test_a_start_that_was_decided_on_an_old_row_does_nothing(store: Store) -> None:
    agents = Agents(store)
    seen = agents.get(USER)
    assert agents.stopped(starting(store), NOON)
    assert agents.begin(seen, KEY, NOON) is None


def test_stages_are_kept_with_their_times(store: Store) -> None:
    agents = Agents(store)
    epoch = starting(store).epoch
    assert agents.enter(USER, epoch, Step.GATEWAY, NOON + timedelta(seconds=4))
    ready = agents.ready(USER, epoch, NOON + timedelta(seconds=9))
    assert ready is not None
    assert ready.steps == {
        "queued": NOON,
        "gateway": NOON + timedelta(seconds=4),
        "ready": NOON + timedelta(seconds=9),
    }
    assert (ready.state, ready.step) == (State.RUNNING, Step.READY)
    assert agents.enter(USER, epoch, Step.CONTAINER, NOON) is None


def test_nothing_an_old_container_writes_has_an_effect(store: Store) -> None:
    agents = Agents(store)
    old = running(store)
    assert agents.stopped(old, NOON)
    new = running(store)
    later = NOON + timedelta(minutes=1)
    assert agents.launched(old, "task/old", NOON) is None
    assert not agents.register(USER, old.epoch, "10.0.0.9:8080", "ff")
    assert not agents.touch(USER, old.epoch, later)
    assert agents.enter(USER, old.epoch, Step.GATEWAY, later) is None
    assert agents.get(USER) == new


def test_the_task_of_an_agent_is_written_down_while_it_is_not_idle(store: Store) -> None:
    agents = Agents(store)
    begun = starting(store)
    known = agents.launched(begun, "task/1", NOON)
    assert known is not None
    assert known.task_arn == "task/1"
    assert agents.stopped(known, NOON)
    assert agents.launched(begun, "task/2", NOON) is None


def test_what_was_decided_on_an_old_look_at_the_row_has_no_effect(store: Store) -> None:
    begun = starting(store)
    ready = Agents(store).ready(USER, begun.epoch, NOON + timedelta(minutes=1))
    assert ready
    assert Agents(store).stopped(begun, NOON) is None
    assert Agents(store).stopped(ready, NOON)


def test_a_start_is_given_up_only_while_nobody_has_heard_of_it(store: Store) -> None:
    agents = Agents(store)
    begun = starting(store)
    assert agents.register(USER, begun.epoch, "10.0.0.1:8080", "ab" * 32)
    assert agents.stopped(begun, NOON) is None
    assert agents.stopped(agents.get(USER), NOON)


def test_a_registered_bridge_is_reachable(store: Store) -> None:
    epoch = starting(store).epoch
    assert Agents(store).register(USER, epoch, "10.0.0.1:8080", "ab" * 32)
    agent = Agents(store).get(USER)
    assert (agent.address, agent.certificate_sha256, agent.bridge_key) == ("10.0.0.1:8080", "ab" * 32, KEY)


def test_a_bridge_that_comes_when_its_start_was_given_up_is_told_so(store: Store) -> None:
    begun = starting(store)
    assert Agents(store).stopped(begun, NOON)
    assert not Agents(store).register(USER, begun.epoch, "10.0.0.1:8080", "ab" * 32)


def test_a_quiet_agent_expires(store: Store) -> None:
    epoch = running(store).epoch
    assert Agents(store).expire(USER, epoch, NOON + timedelta(minutes=15), quiet_since=NOON)


def test_a_message_in_between_keeps_a_quiet_agent(store: Store) -> None:
    epoch = running(store).epoch
    accept(store)
    assert Agents(store).expire(USER, epoch, NOON, quiet_since=NOON) is None
    assert Agents(store).get(USER).state is State.RUNNING


def test_activity_in_between_keeps_a_quiet_agent(store: Store) -> None:
    epoch = running(store).epoch
    assert Agents(store).touch(USER, epoch, NOON + timedelta(seconds=1))
    assert Agents(store).expire(USER, epoch, NOON, quiet_since=NOON) is None


def test_an_agent_that_must_go_goes_whatever_it_does(store: Store) -> None:
    epoch = running(store).epoch
    accept(store)
    assert Agents(store).expire(USER, epoch, NOON, quiet_since=None)


def test_who_gives_up_a_start_does_not_stop_the_agent_that_came_after_all(store: Store) -> None:
    begun = starting(store)
    assert Agents(store).ready(USER, begun.epoch, NOON)
    assert Agents(store).expire(USER, begun.epoch, NOON, quiet_since=None, starting=True) is None


def test_an_idle_agent_is_looked_at_only_while_something_waits(store: Store) -> None:
    agents = Agents(store)
    ready = running(store)
    assert [agent.user_id for agent in agents.active()] == [USER]
    assert agents.stopped(ready, NOON)
    assert agents.active() == []
    accept(store)
    assert agents.stopped(running(store), NOON)
    assert [(agent.state, agent.pending) for agent in agents.active()] == [(State.IDLE, 1)]
    assert not agents.rest(agents.get(USER))


def test_an_idle_agent_that_nothing_waits_for_may_rest(store: Store) -> None:
    row = {"userId": USER, "status": "Idle", "epoch": 1, "pending": 0, "undelivered": 0, "active": "yes"}
    store.write(Put(Table.TASK_STATE, row))
    assert Agents(store).rest(Agents(store).get(USER))
    assert Agents(store).active() == []


def test_a_start_that_was_never_ready_has_failed_whoever_ended_it(store: Store) -> None:
    agents = Agents(store)
    assert agents.stopped(starting(store), NOON)
    begun = starting(store)
    expired = agents.expire(USER, begun.epoch, NOON, quiet_since=None)
    assert expired is not None
    assert agents.stopped(expired, NOON)
    assert agents.get(USER).failures == 2


def test_a_start_that_was_ready_forgets_the_failed_ones(store: Store) -> None:
    agents = Agents(store)
    assert agents.stopped(starting(store), NOON)
    ready = running(store)
    assert ready.failures == 0
    stopped = agents.stopped(ready, NOON)
    assert stopped is not None
    assert stopped.failures == 0


def test_failed_starts_can_be_forgiven(store: Store) -> None:
    agents = Agents(store)
    idle = agents.stopped(starting(store), NOON)
    assert idle is not None
    agents.forgive(idle, None)
    assert agents.get(USER).failures == 0


def test_an_idle_time_is_kept_through_starts_and_can_be_taken_back(store: Store) -> None:
    agents = Agents(store)
    agents.keep_idle(USER, 30)
    assert (agents.get(USER).state, agents.get(USER).idle_minutes) == (State.IDLE, 30)
    assert running(store).idle_minutes == 30
    agents.keep_idle(USER, None)
    assert agents.get(USER).idle_minutes is None
    assert agents.get(USER).state is State.RUNNING
