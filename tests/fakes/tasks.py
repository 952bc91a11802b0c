"""ECS in memory: one task for each agent and epoch, however often it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chalicelib.domain.agent import Agent
from chalicelib.domain.watchdog import Task, owner
from chalicelib.errors import AgentUnavailable, NoCapacity, StartRefused
from chalicelib.ports import Clock


class FakeTasks:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.tasks: dict[str, Task] = {}
        self.stops: list[tuple[str, str]] = []
        self.capacity = True
        self.refusal = ""  # why nothing is started, in AWS's words
        self.answers = True  # False: a call has its effect, and its answer is lost

    def run(self, agent: Agent) -> str:
        if not self.capacity:
            raise NoCapacity("AWS has no machine free right now")
        if self.refusal:
            raise StartRefused(self.refusal)
        owned = owner(agent.user_id, agent.epoch)
        arn = f"task/{owned}"
        self.tasks.setdefault(arn, Task(arn, owned, self.clock()))
        self._answer()
        return arn

    def stop(self, task_arn: str, reason: str) -> None:
        self.stops.append((task_arn, reason))
        self.end(task_arn)

    def look_up(self, task_arns: Sequence[str]) -> Sequence[Task]:
        self._answer()
        return [task for task in self.tasks.values() if not task.stopped or task.arn in task_arns]

    def end(self, task_arn: str) -> None:
        if task := self.tasks.get(task_arn):
            self.tasks[task_arn] = replace(task, stopped=True)

    @property
    def running(self) -> list[str]:
        return [arn for arn, task in self.tasks.items() if not task.stopped]

    def _answer(self) -> None:
        if not self.answers:
            raise AgentUnavailable("ECS does not answer")
