"""ECS's own JSON protocol for the four calls the product makes, answered by the task runner."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from local.aws.outage import CAPACITY, read_refusal
from local.aws.runner import TaskRunner
from local.aws.task import Overrides, Status
from local.names import CLUSTER, CLUSTER_ARN, SECURITY_GROUP, SUBNET, TASK_DEFINITION_ARN
from local.web import answer_json, read_body

Request = Mapping[str, Any]
TYPE = {"Content-Type": "application/x-amz-json-1.1"}


class EcsError(Exception):
    """An answer other than 200; `kind` is ECS's name of it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Ecs:
    def __init__(self, runner: TaskRunner, outage: Path | None = None) -> None:
        """`outage`: while this file exists, no task is started."""
        self.runner = runner
        self._outage = outage
        self._actions: dict[str, Callable[[Request], dict[str, Any]]] = {
            "RunTask": self.run_task,
            "StopTask": self.stop_task,
            "DescribeTasks": self.describe_tasks,
            "ListTasks": self.list_tasks,
        }

    def handle(self, action: str, request: Request) -> dict[str, Any]:
        if action not in self._actions:
            raise EcsError("InvalidAction", f"{action} is not among {', '.join(self._actions)}.")
        if request.get("cluster") not in (CLUSTER, CLUSTER_ARN):
            raise EcsError("ClusterNotFoundException", "Cluster not found.")
        return self._actions[action](request)

    def run_task(self, request: Request) -> dict[str, Any]:
        _validate(request)
        if refusal := self._outage and read_refusal(self._outage):
            kind, words = refusal
            if kind != CAPACITY:
                raise EcsError(kind, words)
            return {"tasks": [], "failures": [{"reason": words}]}
        strategy = request.get("capacityProviderStrategy") or [{}]
        provider = strategy[0].get("capacityProvider", request.get("launchType", "FARGATE"))
        token, started_by = request.get("clientToken", ""), request.get("startedBy", "")
        try:
            task = self.runner.run(_overrides(request), started_by, token, provider)
        except RuntimeError as error:
            return {"tasks": [], "failures": [{"reason": str(error)}]}
        return {"tasks": [task.describe()], "failures": []}

    def stop_task(self, request: Request) -> dict[str, Any]:
        task = self.runner.stop(request["task"], request.get("reason", "Task stopped by user"))
        if task is None:
            raise EcsError("InvalidParameterException", "The referenced task was not found.")
        return {"task": task.describe()}

    def describe_tasks(self, request: Request) -> dict[str, Any]:
        found = {arn: self.runner.find(arn) for arn in request["tasks"]}
        missing = [{"arn": arn, "reason": "MISSING"} for arn, task in found.items() if task is None]
        return {"tasks": [task.describe() for task in found.values() if task], "failures": missing}

    def list_tasks(self, request: Request) -> dict[str, Any]:
        desired = Status(request.get("desiredStatus", "RUNNING"))
        starters = (
            {request["startedBy"]} if "startedBy" in request else {task.started_by for task in self.runner.tasks()}
        )
        tasks = [task for task in self.runner.tasks() if task.desired is desired and task.started_by in starters]
        return {"taskArns": [task.arn for task in tasks]}


def application(ecs: Ecs) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        action = str(environ.get("HTTP_X_AMZ_TARGET", "")).rpartition(".")[2]
        try:
            result = ecs.handle(action, json.loads(read_body(environ) or b"{}"))
        except EcsError as error:
            return answer_json(start, 400, {"__type": error.kind, "message": str(error)}, TYPE)
        return answer_json(start, 200, result, TYPE)

    return app


def _validate(request: Request) -> None:
    if request.get("taskDefinition") not in (TASK_DEFINITION_ARN, TASK_DEFINITION_ARN.rpartition(":")[0], CLUSTER):
        raise EcsError("InvalidParameterException", "TaskDefinition not found.")
    network = request.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
    if network.get("subnets") != [SUBNET] or network.get("securityGroups") != [SECURITY_GROUP]:
        raise EcsError("InvalidParameterException", f"Expected subnet {SUBNET} and security group {SECURITY_GROUP}.")
    if request.get("launchType") and request.get("capacityProviderStrategy"):
        raise EcsError("InvalidParameterException", "launchType and capacityProviderStrategy exclude each other.")


def _overrides(request: Request) -> Overrides:
    containers = request.get("overrides", {}).get("containerOverrides", [])
    return {
        container["name"]: {pair["name"]: pair["value"] for pair in container.get("environment", [])}
        for container in containers
    }
