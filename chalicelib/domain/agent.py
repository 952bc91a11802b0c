"""The life of one agent: Idle -> Starting -> Running -> Stopping -> Idle.

Every rule about states is in `TRANSITIONS`; `tables/agents.py` turns each of them into one conditional write.
An event leads to one state, wherever it is legal, so that a write needs to name only the states it may leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from itertools import pairwise


class State(Enum):
    IDLE = "Idle"
    STARTING = "Starting"
    RUNNING = "Running"
    STOPPING = "Stopping"


class AgentEvent(Enum):
    REQUESTED = "requested"  # somebody wants the agent, and it is not there
    READY = "ready"  # OpenClaw answered the bridge's hello
    EXPIRED = "expired"  # nobody spoke to it for too long, or it must go
    STOPPED = "stopped"  # the container said good-bye, or ECS says the task is gone


class Step(Enum):
    QUEUED = "queued"
    CONTAINER = "container"
    GATEWAY = "gateway"
    WORKSPACE = "workspace"
    READY = "ready"


TRANSITIONS: Mapping[State, Mapping[AgentEvent, State]] = {
    State.IDLE: {AgentEvent.REQUESTED: State.STARTING},
    State.STARTING: {
        AgentEvent.READY: State.RUNNING,
        AgentEvent.EXPIRED: State.STOPPING,
        AgentEvent.STOPPED: State.IDLE,
    },
    State.RUNNING: {AgentEvent.EXPIRED: State.STOPPING, AgentEvent.STOPPED: State.IDLE},
    State.STOPPING: {AgentEvent.STOPPED: State.IDLE},
}


def sources(event: AgentEvent) -> tuple[State, ...]:
    """The states in which the event is legal."""
    return tuple(state for state, row in TRANSITIONS.items() if event in row)


def target(event: AgentEvent) -> State:
    """The one state the event leads to."""
    (state,) = {row[event] for row in TRANSITIONS.values() if event in row}
    return state


@dataclass(frozen=True)
class Agent:
    """What is known of a user's agent: one row of TaskState."""

    user_id: str
    state: State = State.IDLE
    epoch: int = 0
    since: datetime | None = None  # when the present state began
    started_at: datetime | None = None
    launched_at: datetime | None = None  # when its task was written down
    last_active_at: datetime | None = None
    task_arn: str | None = None
    address: str | None = None  # host:port of the bridge
    certificate_sha256: str | None = None
    bridge_key: str | None = None
    step: Step | None = None  # of its start
    steps: Mapping[str, datetime] = field(default_factory=dict)
    inflight: int = 0  # turns that run
    pending: int = 0  # messages accepted and not yet answered
    undelivered: int = 0  # committed answers that still wait in the outbox
    next_seq: int = 1
    idle_minutes: int | None = None
    idle_seconds: int | None = None  # the idle time that holds now: longer in the user's busy hours
    next_wake_at: datetime | None = None  # OpenClaw's own next cron time, noted when it went to sleep
    failures: int = 0  # starts that failed in a row
    runtime: str = "fargate"
    note: str | None = None  # what its owner should know: a code of `notes.NOTES`, or words; until the next good start

    @property
    def waiting(self) -> bool:
        """Is there work that only a running agent can do?"""
        return self.pending > 0 or self.undelivered > 0


def step_times(agent: Agent) -> Mapping[str, timedelta]:
    """How long its start stayed at each step before the next one."""
    reached = sorted(agent.steps.items(), key=lambda step: step[1])
    return {name: after - at for (name, at), (_, after) in pairwise(reached)}


def idle_chosen(agent: Agent, default: timedelta) -> timedelta:
    """The user's own idle time, or the deployment's."""
    return default if agent.idle_minutes is None else timedelta(minutes=agent.idle_minutes)


def idle_after(agent: Agent, default: timedelta) -> timedelta:
    """The idle time that holds now."""
    return idle_chosen(agent, default) if agent.idle_seconds is None else timedelta(seconds=agent.idle_seconds)
