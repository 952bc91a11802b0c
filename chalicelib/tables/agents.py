"""Agents: rows of TaskState. Each transition of `domain/agent.py` is one conditional write on state and epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.domain.agent import Agent, AgentEvent, State, Step, sources, target
from chalicelib.domain.notes import HOLDS
from chalicelib.domain.times import from_text, to_text
from chalicelib.errors import ConditionFailed
from chalicelib.store import AtMost, Condition, Equals, Item, Missing, OneOf, Store, Table, Update

ACTIVE = "active"  # the sparse index's attribute: on every row that is not Idle, or that something waits for
STARTING = (Equals("status", State.STARTING.value),)
Result = TypeVar("Result")


def agent_key(user_id: str) -> dict[str, str]:
    return {"userId": user_id}


def change(user_id: str, epoch: int, when: tuple[Condition, ...] = (), **changes: Any) -> Update:
    """A write on the agent's row that only the owner of this epoch can make."""
    return Update(Table.TASK_STATE, agent_key(user_id), when=(Equals("epoch", epoch), *when), **changes)


@dataclass(frozen=True)
class Agents:
    store: Store

    def get(self, user_id: str) -> Agent:
        """The row, read consistently; an idle agent of epoch 0 for a user who has none."""
        item = self.store.get(Table.TASK_STATE, agent_key(user_id))
        return read_agent(item) if item else Agent(user_id)

    def active(self) -> list[Agent]:
        return [read_agent(item) for item in self.store.active()]

    def begin(self, agent: Agent, bridge_key: str, now: datetime) -> Agent | None:
        """Idle -> Starting under the next epoch, *before* any task exists; None when somebody else was faster.

        A client that got no answer has tried again and met its own start: that has our key.
        """
        moment = to_text(now)
        fresh = {
            "epoch": agent.epoch + 1,
            "bridgeKey": bridge_key,
            "startedAt": moment,
            "lastActivityAt": moment,
            "stage": Step.QUEUED.value,
            "stages": {Step.QUEUED.value: moment},
            "inflight": 0,
        }
        gone = ("taskArn", "address", "certificateSha256", "nextWakeAt", *(("note",) if agent.note in HOLDS else ()))
        if not agent.epoch:
            self._ensure(agent.user_id)
        known = Equals("epoch", agent.epoch) if agent.epoch else Missing("epoch")
        begun = self._move(agent.user_id, AgentEvent.REQUESTED, now, (known,), set=fresh, remove=gone)
        return begun or self._begun(agent.user_id, agent.epoch + 1, bridge_key)

    def _begun(self, user_id: str, epoch: int, bridge_key: str) -> Agent | None:
        found = self.get(user_id)
        ours = (found.state, found.epoch, found.bridge_key) == (State.STARTING, epoch, bridge_key)
        return found if ours else None

    def ready(self, user_id: str, epoch: int, now: datetime) -> Agent | None:
        """Starting -> Running: OpenClaw answered. None when this epoch is over or was told to stop."""
        facts = {
            "stage": Step.READY.value,
            f"stages.{Step.READY.value}": to_text(now),
            "lastActivityAt": to_text(now),
            "failures": 0,
        }
        return self._move(user_id, AgentEvent.READY, now, (Equals("epoch", epoch),), set=facts, remove=("note",))

    def expire(
        self, user_id: str, epoch: int, now: datetime, quiet_since: datetime | None, *, starting: bool = False
    ) -> Agent | None:
        """Starting or Running -> Stopping; with `quiet_since` only if nothing runs, waits or happened since then.

        `starting`: only if it still starts. Who gives up a start must not stop the agent that came after all.
        """
        quiet: tuple[Condition, ...] = (Equals("status", State.STARTING.value),) if starting else ()
        if quiet_since is not None:
            zeros = (Equals("inflight", 0), Equals("pending", 0), Equals("undelivered", 0))
            quiet += (*zeros, AtMost("lastActivityAt", to_text(quiet_since)))
        return self._move(user_id, AgentEvent.EXPIRED, now, (Equals("epoch", epoch), *quiet))

    def stopped(
        self, agent: Agent, now: datetime, next_wake_at: datetime | None = None, note: str | None = None
    ) -> Agent | None:
        """-> Idle. A row that something waits for stays in the index, so that the watchdog wakes its agent.

        So does one that must be awake again at `next_wake_at`. An epoch that ends without ever having been ready
        was a failed start, whoever ended it. `note`: why it starts again, if something waits.
        """
        epoch = (Equals("epoch", agent.epoch), *_as_seen(agent))
        failures = {} if agent.step is Step.READY else {"failures": 1}
        gone = ("taskArn", "address", "certificateSha256", "bridgeKey", "stage", "idleSeconds")
        wake = {"nextWakeAt": to_text(next_wake_at)} if next_wake_at else {}
        resting = gone if next_wake_at else (*gone, ACTIVE)
        resting, told = ((*resting, "note"), {"note": note}) if note else (resting, {})
        quiet = (Equals("pending", 0), Equals("undelivered", 0))
        return self._move(
            agent.user_id, AgentEvent.STOPPED, now, (*epoch, *quiet), set=wake, remove=resting, add=failures
        ) or self._move(agent.user_id, AgentEvent.STOPPED, now, epoch, set={**wake, **told}, remove=gone, add=failures)

    def launched(self, agent: Agent, task_arn: str, now: datetime) -> Agent | None:
        """Which task it is that starts. None when the epoch is over: the task must be stopped."""
        facts = {"taskArn": task_arn, "launchedAt": to_text(now)}
        alive = OneOf("status", tuple(state.value for state in State if state is not State.IDLE))
        return self._try(change(agent.user_id, agent.epoch, (alive,), set=facts))

    def register(self, user_id: str, epoch: int, address: str, certificate_sha256: str) -> bool:
        """Where the bridge of this start is. False when the epoch is over or was told to stop."""
        facts = {"address": address, "certificateSha256": certificate_sha256}
        return self._try(change(user_id, epoch, STARTING, set=facts)) is not None

    def enter(self, user_id: str, epoch: int, step: Step, now: datetime) -> Agent | None:
        """The start has come to `step`. None when the epoch is over."""
        facts = {"stage": step.value, f"stages.{step.value}": to_text(now)}
        return self._try(change(user_id, epoch, STARTING, set=facts))

    def touch(self, user_id: str, epoch: int, now: datetime) -> bool:
        """The agent works. False when the epoch is over."""
        return self._try(change(user_id, epoch, set={"lastActivityAt": to_text(now)})) is not None

    def set_note(self, user_id: str, epoch: int, note: str | None) -> Agent | None:
        """A note beside the status; None takes it away. None when the epoch is over."""
        return self._try(change(user_id, epoch, **_noted(note)))

    def replace_note(self, agent: Agent, note: str | None) -> Agent | None:
        """The same, where the note is the one that `agent` has; None, too, when somebody wrote another meanwhile."""
        seen = Equals("note", agent.note) if agent.note else Missing("note")
        return self._try(change(agent.user_id, agent.epoch, (seen,), **_noted(note)))

    def keep_idle(self, user_id: str, minutes: int | None) -> None:
        """The user's own idle time."""
        self._ensure(user_id, idleMinutes=minutes)

    def wait_longer(self, user_id: str, epoch: int, idle: int) -> bool:
        """The idle time in seconds that holds from now on. False when the epoch is over."""
        return self._try(change(user_id, epoch, set={"idleSeconds": idle})) is not None

    def rest(self, agent: Agent) -> bool:
        """An idle row that nothing waits for leaves the index."""
        zeros = (Equals("pending", 0), Equals("undelivered", 0))
        quiet = (Equals("status", State.IDLE.value), Missing("nextWakeAt"), *zeros)
        return self._try(change(agent.user_id, agent.epoch, quiet, remove=(ACTIVE,))) is not None

    def forgive(self, agent: Agent, note: str | None) -> None:
        """The failed starts have been told of: the next message gets new tries, a cron job has had its own."""
        kept, gone = ({"note": note}, ()) if note else ({}, ("note",))
        self._try(change(agent.user_id, agent.epoch, set={"failures": 0, **kept}, remove=("nextWakeAt", *gone)))

    def _ensure(self, user_id: str, **facts: Any) -> None:
        new = {"status": State.IDLE.value, "pending": 0, "undelivered": 0}
        self.store.write(Update(Table.TASK_STATE, agent_key(user_id), set=facts, default=new))

    def _move(
        self, user_id: str, event: AgentEvent, now: datetime, when: tuple[Condition, ...], **changes: Any
    ) -> Agent | None:
        facts = {"status": target(event).value, "since": to_text(now), **changes.pop("set", {})}
        if event is not AgentEvent.STOPPED:
            facts[ACTIVE] = "yes"
        legal = OneOf("status", tuple(state.value for state in sources(event)))
        return self._try(Update(Table.TASK_STATE, agent_key(user_id), set=facts, when=(legal, *when), **changes))

    def _try(self, write: Update) -> Agent | None:
        try:
            return read_agent(self.store.write(write))
        except ConditionFailed:
            return None


def _noted(note: str | None) -> dict[str, Any]:
    return {"set": {"note": note}} if note else {"remove": ("note",)}


def _as_seen(agent: Agent) -> tuple[Condition, ...]:
    """What was decided on a row holds while it is in that state; the watchdog's index may tell of an earlier one.

    And a start that nobody has heard of is given up only while that is so.
    """
    same = (Equals("since", to_text(agent.since)),) if agent.since else ()
    unheard = agent.state is State.STARTING and agent.task_arn is None and agent.address is None
    return (*same, Missing("taskArn"), Missing("address")) if unheard else same


def read_agent(item: Item) -> Agent:
    def moment(name: str) -> datetime | None:
        return _maybe(from_text, item.get(name))

    return Agent(
        user_id=item["userId"],
        state=State(item.get("status", State.IDLE.value)),
        epoch=item.get("epoch", 0),
        since=moment("since"),
        started_at=moment("startedAt"),
        launched_at=moment("launchedAt"),
        last_active_at=moment("lastActivityAt"),
        task_arn=item.get("taskArn"),
        address=item.get("address"),
        certificate_sha256=item.get("certificateSha256"),
        bridge_key=item.get("bridgeKey"),
        step=_maybe(Step, item.get("stage")),
        steps={name: from_text(text) for name, text in item.get("stages", {}).items()},
        inflight=item.get("inflight", 0),
        pending=item.get("pending", 0),
        undelivered=item.get("undelivered", 0),
        next_seq=item.get("nextSeq", 1),
        idle_minutes=item.get("idleMinutes"),
        idle_seconds=item.get("idleSeconds"),
        next_wake_at=moment("nextWakeAt"),
        failures=item.get("failures", 0),
        runtime=item.get("runtime", "fargate"),
        note=item.get("note"),
    )


def _maybe(read: Callable[[Any], Result], value: Any) -> Result | None:
    return None if value is None else read(value)
