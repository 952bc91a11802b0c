"""ECS in the simulation, as boto3 shows it: idempotent for a token, late in telling, with Spot and its ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.simulation.ports import Line
from tests.simulation.scheduler import BEGIN

GRACE = 120.0  # seconds between SIGTERM and SIGKILL
TOLD = 3600.0  # a stopped task is told of that long
CALL = (0.05, 0.6)


@dataclass
class Task:
    arn: str
    started_by: str
    environment: dict[str, str]
    created: float
    told_from: float  # ECS does not know of it before
    status: str = "PROVISIONING"
    stopping: bool = False
    stopped_at: float | None = None
    terminate: Callable[[], None] = field(default=lambda: None)
    kill: Callable[[], None] = field(default=lambda: None)

    @property
    def user(self) -> str:
        return self.environment["USER_ID"]

    @property
    def epoch(self) -> int:
        return int(self.environment["EPOCH"])


class Cluster:
    """The control plane and its machines; `boot` starts a task's containers."""

    def __init__(self, line: Line, boot: Callable[[Task], None]) -> None:
        self._line, self._boot = line, boot
        self.tasks: dict[str, Task] = {}
        self._tokens: dict[str, str] = {}

    @property
    def alive(self) -> list[Task]:
        return [task for task in self.tasks.values() if task.status != "STOPPED"]

    def start(self, request: dict[str, Any]) -> Task:
        """RunTask's effect: one task for each token."""
        token = request["clientToken"]
        if token in self._tokens:
            self._line.history.count("run repeated")
            return self.tasks[self._tokens[token]]
        pairs = request["overrides"]["containerOverrides"][0]["environment"]
        now, faults = self._line.scheduler.now, self._line.faults
        lag = faults.between(20, 300) if faults.strike("list_lags") else self._line.random.uniform(0, 2)
        arn = f"task/{len(self.tasks) + 1}"
        environment = {pair["name"]: pair["value"] for pair in pairs}
        task = Task(arn, request["startedBy"], environment, now, now + lag)
        self.tasks[arn], self._tokens[token] = task, arn
        self._line.history.note("task_created", task=arn, user=task.user, epoch=task.epoch, by=task.started_by)
        self._provision(task)
        return task

    def stop(self, arn: str, reason: str) -> None:
        task = self.tasks[arn]
        self._line.history.note("stop_task", task=arn, user=task.user, epoch=task.epoch, reason=reason)
        self.terminate(task, "StopTask")

    def terminate(self, task: Task, why: str) -> None:
        if task.stopping or task.status == "STOPPED":
            return
        task.stopping = True
        self._line.history.note("sigterm", task=task.arn, user=task.user, epoch=task.epoch, why=why)
        if task.status == "PROVISIONING":
            self._line.scheduler.after(2.0, lambda: self.ended(task, "never ran"))
            return
        task.terminate()
        self._line.scheduler.after(GRACE, lambda: self.destroy(task, "SIGKILL after SIGTERM"))

    def destroy(self, task: Task, why: str) -> None:
        """SIGKILL."""
        if task.status == "RUNNING":
            task.kill()
            self.ended(task, why)

    def ended(self, task: Task, why: str) -> None:
        """The containers are gone."""
        if task.status != "STOPPED":
            task.status, task.stopped_at = "STOPPED", self._line.scheduler.now
            self._line.history.note("task_ended", task=task.arn, user=task.user, epoch=task.epoch, why=why)

    def _provision(self, task: Task) -> None:
        faults = self._line.faults
        if faults.strike("start_never"):
            return
        seconds = faults.between(100, 300) if faults.strike("start_slow") else self._line.random.uniform(20, 45)
        self._line.scheduler.after(seconds, lambda: self._run(task))

    def _run(self, task: Task) -> None:
        if task.stopping or task.status == "STOPPED":
            return
        task.status = "RUNNING"
        self._line.history.note("task_running", task=task.arn, user=task.user, epoch=task.epoch)
        self._boot(task)
        faults = self._line.faults
        if faults.strike("spot_reclaim"):
            self._line.scheduler.after(faults.between(0, 400), lambda: self.terminate(task, "Spot reclaim"))
        if faults.strike("sigkill"):
            self._line.scheduler.after(faults.between(0, 300), lambda: self.destroy(task, "SIGKILL"))


class EcsClient:
    """The calls of boto3's client that the project makes."""

    def __init__(self, cluster: Cluster, line: Line) -> None:
        self._cluster, self._line = cluster, line

    def run_task(self, **request: Any) -> dict[str, Any]:
        faults = self._line.faults
        self._line.travel(CALL)
        if faults.strike("run_throttled"):
            raise _error("RunTask", "ThrottlingException", 400)
        if faults.strike("run_broken"):
            raise _error("RunTask", "ServerException", 500)
        if faults.strike("run_refused"):
            self._line.history.count("no capacity")
            return {"tasks": [], "failures": [{"reason": "RESOURCE:FARGATE"}]}
        task = self._cluster.start(request)
        if faults.strike("run_lost"):
            self._line.travel((1.0, 10.0))
            raise ReadTimeoutError(endpoint_url="https://ecs")
        self._line.travel(CALL)
        return {"tasks": [{"taskArn": task.arn}], "failures": []}

    def stop_task(self, *, cluster: str, task: str, reason: str) -> None:
        self._line.travel(CALL)
        if self._line.faults.strike("stop_error"):
            raise _error("StopTask", "ServerException", 500)
        self._cluster.stop(task, reason)
        self._line.travel(CALL)

    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> dict[str, Any]:
        self._line.travel(CALL)
        if self._line.faults.strike("describe_error"):
            self._line.history.count("ECS did not answer a sweep")
            raise _error("DescribeTasks", "ThrottlingException", 400)
        found = [self._cluster.tasks[arn] for arn in tasks if arn in self._cluster.tasks]
        return {"tasks": [_described(task) for task in found if self._tells(task)], "failures": []}

    def get_paginator(self, name: str) -> EcsClient:
        return self

    def paginate(self, *, cluster: str) -> Iterator[dict[str, list[str]]]:
        """ListTasks: what shall run and is known already."""
        self._line.travel(CALL)
        now = self._line.scheduler.now
        wanted = [task.arn for task in self._cluster.alive if not task.stopping and task.told_from <= now]
        yield {"taskArns": wanted}

    def _tells(self, task: Task) -> bool:
        now = self._line.scheduler.now
        young = now - task.created < 300
        if now < task.told_from or (young and self._line.faults.strike("describe_missing")):
            return False
        return task.stopped_at is None or now - task.stopped_at < TOLD


def _described(task: Task) -> dict[str, Any]:
    created = BEGIN + timedelta(seconds=task.created)
    return {"taskArn": task.arn, "startedBy": task.started_by, "createdAt": created, "lastStatus": task.status}


def _error(operation: str, code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)
