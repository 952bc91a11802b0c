from datetime import timedelta

import pytest

from chalicelib.domain.agent import (
    TRANSITIONS,
    Agent,
    AgentEvent,
    State,
    idle_after,
    sources,
    target,
)

LEGAL = {(state, event): after for state, row in TRANSITIONS.items() for event, after in row.items()}


def test_every_state_can_return_to_idle() -> None:
    for start in State:
        seen, todo = set(), [start]
        while todo:
            state = todo.pop()
            if state not in seen:
                seen.add(state)
                todo += TRANSITIONS[state].values()
        assert State.IDLE in seen


@pytest.mark.parametrize("event", AgentEvent)
def test_an_event_leads_to_one_state_from_wherever_it_is_legal(event: AgentEvent) -> None:
    assert {TRANSITIONS[state][event] for state in sources(event)} == {target(event)}


@pytest.mark.parametrize("event", AgentEvent)
def test_an_event_is_legal_in_its_sources_only(event: AgentEvent) -> None:
    assert set(sources(event)) == {state for state, legal in LEGAL if legal is event}


def test_only_pending_or_undelivered_work_makes_an_agent_waited_for() -> None:
    assert Agent("ada", pending=1).waiting
    assert Agent("ada", undelivered=1).waiting
    assert not Agent("ada", inflight=1).waiting


def test_a_users_own_idle_time_wins() -> None:
    assert idle_after(Agent("ada"), timedelta(minutes=15)) == timedelta(minutes=15)
    assert idle_after(Agent("ada", idle_minutes=3), timedelta(minutes=15)) == timedelta(minutes=3)
