"""What the watchdog does about each agent that is not idle, and about tasks that nobody owns.

The watchdog is the backstop: a bridge that lives puts itself to sleep. Every action is conditional on the epoch
it was decided for, so a sweep that comes twice, late or beside another one does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.agent import Agent, State, Step
from chalicelib.domain.idle import quiet_since
from chalicelib.domain.notes import DIED, NOT_STARTED, RECLAIMED, start_refused

HEAD_START = timedelta(seconds=90)  # a start and the watchdog's period: a cron job should find its agent awake


@dataclass(frozen=True)
class Limits:
    idle: timedelta  # default idle time; a user's own setting wins
    start: timedelta = timedelta(minutes=6)  # longer than any start that ever succeeded
    grace: timedelta = timedelta(minutes=5)  # ECS needs up to this long to list a task it has just started
    stop: timedelta = timedelta(seconds=150)  # SIGTERM's 120 s and some
    orphan: timedelta = timedelta(minutes=10)
    # The bridge knows best: before its watchdog speaks for it, it has asked OpenClaw three times whether it works, on a
    # connection that may have to be made anew.
    quiet: timedelta = timedelta(minutes=3)
    launch: timedelta = timedelta(seconds=60)  # between the row's Starting and the task's ARN on it


@dataclass(frozen=True)
class Task:
    """A task as ECS tells of it; stopped ones are told of for about an hour."""

    arn: str
    started_by: str
    created_at: datetime
    stopped: bool = False
    reclaimed: bool = False  # AWS took the machine back
    never_ran: bool = False  # AWS could not start it: an image, a secret, a network
    why: str | None = None  # it stopped, in AWS's words


@dataclass(frozen=True)
class Expire:
    """Put a quiet agent to sleep, if it is still quiet; `quiet_since` None means: whatever it does."""

    agent: Agent
    reason: str
    quiet_since: datetime | None = None
    note: str | None = None  # what its owner is told of it


@dataclass(frozen=True)
class Adopt:
    """Nobody wrote down the task of this start, and ECS tells of it: RunTask answered too late, or its caller died."""

    agent: Agent
    task_arn: str


@dataclass(frozen=True)
class Finish:
    """The task is gone: Idle, and wake the agent anew if messages wait."""

    agent: Agent
    reason: str
    note: str | None = None  # for its owner, if it starts again
    why: str | None = None  # in AWS's words, for the log


@dataclass(frozen=True)
class StopOrphan:
    task_arn: str
    reason: str


@dataclass(frozen=True)
class WakeUp:
    """Idle, and something waits all the same, or OpenClaw has a cron job to do."""

    agent: Agent


@dataclass(frozen=True)
class Rest:
    """Idle, and nothing waits: the row need not be looked at any more."""

    agent: Agent


Action = Expire | Adopt | Finish | StopOrphan | WakeUp | Rest
NOBODY: Mapping[str, str] = {}


def sweep(
    agents: Iterable[Agent], tasks: Iterable[Task], now: datetime, limits: Limits, halted: Mapping[str, str] = NOBODY
) -> Iterator[Action]:
    """The actions, agents first; a task is nobody's only if no row means it or could mean it.

    `halted`: the notes of users whose kill switch is set. What is asleep needs no look for that: whoever would start it
    finds out.
    """
    found = list(tasks)
    known = {task.started_by: task for task in found if not task.stopped} | {task.arn: task for task in found}
    owned: set[str] = set()
    for agent in agents:
        if agent.state is not State.IDLE:
            owned.add(agent.task_arn or owner(agent.user_id, agent.epoch))
        if action := _look(agent, known, now, limits, halted.get(agent.user_id)):
            yield action
    for task in found:
        nobodys = task.arn not in owned and task.started_by not in owned and not task.stopped
        if nobodys and now - task.created_at > limits.orphan:
            yield StopOrphan(task.arn, "no agent owns this task")


def owner(user_id: str, epoch: int) -> str:
    """`startedBy` of a task: at most 128 characters, says whose and which start."""
    return f"{user_id}/{epoch}"


def in_doubt(agent: Agent, now: datetime, limits: Limits) -> bool:
    """Does a person wait for what only ECS can tell: whether there is a machine?"""
    if agent.state is State.RUNNING:
        return agent.pending > 0 and _older(agent.last_active_at, now, limits.quiet)
    queued = agent.state is not State.STARTING or agent.step is Step.QUEUED
    return agent.waiting and queued and _older(_newest(agent), now, limits.launch)


def _look(agent: Agent, known: Mapping[str, Task], now: datetime, limits: Limits, halted: str | None) -> Action | None:
    if agent.state is State.IDLE:
        return _asleep(agent, now)
    task = known.get(agent.task_arn or owner(agent.user_id, agent.epoch))
    if halted and agent.state is not State.STOPPING and not (task and task.stopped):
        return Expire(agent, "everything was stopped", note=halted)
    if task is None:
        return _missed(agent, now, limits)
    if task.stopped:
        return Finish(agent, "the task stopped", _explain(agent, task), task.why)
    return _outlived(agent, now, limits) if agent.task_arn else Adopt(agent, task.arn)


def _explain(agent: Agent, task: Task) -> str | None:
    if task.reclaimed:
        return RECLAIMED
    if task.never_ran and task.why:
        return start_refused(task.why)
    if agent.state is State.RUNNING:
        return DIED
    return None if agent.step is Step.READY else NOT_STARTED


def _asleep(agent: Agent, now: datetime) -> Action | None:
    if agent.waiting:
        return WakeUp(agent)
    if agent.next_wake_at is None:
        return Rest(agent)
    return WakeUp(agent) if now >= agent.next_wake_at - HEAD_START else None


def _missed(agent: Agent, now: datetime, limits: Limits) -> Action | None:
    """ECS does not tell of the task: there was none, it is gone for an hour, or too young to be listed."""
    if agent.task_arn or agent.state is State.RUNNING:
        return Finish(agent, "the task is gone") if _older(_newest(agent), now, limits.grace) else None
    # Asking again could give this epoch a second task, of another capacity: the first one may only be late.
    if agent.state is State.STARTING:
        timeout, reason = limits.start if agent.address else limits.launch, "nobody wrote down its task"
    else:  # a bridge that came is leaving by itself
        timeout, reason = limits.stop if agent.address else limits.launch, "it was stopped before it had a task"
    return Finish(agent, reason) if _older(agent.since, now, timeout) else None


def _outlived(agent: Agent, now: datetime, limits: Limits) -> Action | None:
    if agent.state is State.STARTING:
        return Expire(agent, "did not start in time") if _older(_newest(agent), now, limits.start) else None
    if agent.state is State.STOPPING:
        return Expire(agent, "did not stop in time") if _older(agent.since, now, limits.stop) else None
    cutoff = quiet_since(agent, now, limits.idle, grace=limits.quiet)
    return Expire(agent, "idle", cutoff) if cutoff else None


def _newest(agent: Agent) -> datetime | None:
    """The last step of the agent: a task asked for late, after failures, has its full time."""
    return max((moment for moment in (agent.since, agent.launched_at) if moment), default=None)


def _older(since: datetime | None, now: datetime, limit: timedelta) -> bool:
    return since is not None and now - since > limit
