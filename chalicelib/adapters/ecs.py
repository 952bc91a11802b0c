"""The agents' tasks on Fargate: Spot first, on demand when there is no Spot capacity, then each zone by itself."""

from __future__ import annotations

import hashlib
import http
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.agent import Agent
from chalicelib.domain.watchdog import Task, owner
from chalicelib.errors import AgentUnavailable, NoCapacity, StartRefused

if TYPE_CHECKING:
    from mypy_boto3_ecs import ECSClient

log = logging.getLogger(__name__)
CAPACITY = ("FARGATE_SPOT", "FARGATE")
BATCH = 100  # tasks per DescribeTasks
GONE_REASON_LENGTH = 255
RECLAIMED = ("SpotInterruption", "TerminationNotice")
NEVER_RAN = "TaskFailedToStart"
THROTTLED = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"}


@dataclass(frozen=True)
class Launch:
    """Where tasks run."""

    cluster: str
    task_definition: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]

    def attempts(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Capacity and subnets, cheapest first. A refusal for all subnets may still leave one that has room."""
        apart = [(subnet,) for subnet in self.subnets] if len(self.subnets) > 1 else []
        for subnets in (self.subnets, *apart):
            for capacity in CAPACITY:
                yield capacity, subnets


@dataclass(frozen=True)
class FargateTasks:
    connect: Callable[[], ECSClient]
    launch: Launch

    @cached_property
    def client(self) -> ECSClient:
        return self.connect()

    def run(self, agent: Agent) -> str:
        """Makes each attempt in turn, while it is capacity that is missing.

        Raises NoCapacity when there is none anywhere, or ECS takes no more calls for now; StartRefused with ECS's words
        when it refuses for another reason; AgentUnavailable when it may have started one: the watchdog will find it.
        """
        for capacity, subnets in self.launch.attempts():
            try:
                answer: Any = self.client.run_task(**self._request(agent, capacity, subnets))
            except ClientError as error:
                _raise_unless_capacity(error)
                continue
            except BotoCoreError as error:
                raise AgentUnavailable(f"RunTask did not answer: {error}") from error
            if answer["tasks"]:
                return str(answer["tasks"][0]["taskArn"])
            reasons = [str(failure.get("reason")) for failure in answer["failures"]]
            if refusals := [reason for reason in reasons if not _is_capacity(reason)]:
                raise StartRefused(refusals[0])
        raise NoCapacity("AWS has no machine free right now; the message is kept and tried again")

    def stop(self, task_arn: str, reason: str) -> None:
        try:
            self.client.stop_task(cluster=self.launch.cluster, task=task_arn, reason=reason[:GONE_REASON_LENGTH])
        except (ClientError, BotoCoreError) as error:
            log.warning("StopTask %s: %s", task_arn, error)  # the next sweep tries again

    def look_up(self, task_arns: Sequence[str]) -> Sequence[Task]:
        try:
            arns = sorted({*task_arns, *self._listed()})
            return [task for at in range(0, len(arns), BATCH) for task in self._described(arns[at : at + BATCH])]
        except (ClientError, BotoCoreError) as error:
            raise AgentUnavailable(f"ECS does not answer: {error}") from error

    def _listed(self) -> Iterator[str]:
        pages = self.client.get_paginator("list_tasks").paginate(cluster=self.launch.cluster)
        for page in pages:
            yield from page["taskArns"]

    def _described(self, arns: Sequence[str]) -> Iterator[Task]:
        answer = self.client.describe_tasks(cluster=self.launch.cluster, tasks=list(arns))
        if unknown := [failure for failure in answer.get("failures", ()) if failure.get("reason") != "MISSING"]:
            raise AgentUnavailable(f"ECS does not know all tasks: {unknown}")
        for task in answer["tasks"]:
            created = task.get("createdAt") or datetime.now(UTC)
            stopped = task["lastStatus"] == "STOPPED"
            code, why = task.get("stopCode"), _why_stopped(task) if stopped else None
            never_ran = code == NEVER_RAN and not _is_capacity(why or "")  # which may be there the next time
            yield Task(task["taskArn"], task.get("startedBy", ""), created, stopped, code in RECLAIMED, never_ran, why)

    def _request(self, agent: Agent, capacity: str, subnets: tuple[str, ...]) -> Any:
        environment = {"USER_ID": agent.user_id, "EPOCH": str(agent.epoch), "BRIDGE_KEY": agent.bridge_key or ""}
        pairs = [{"name": name, "value": value} for name, value in environment.items()]
        token = f"{agent.user_id}/{agent.epoch}/{capacity}/{','.join(subnets)}"
        return {
            "cluster": self.launch.cluster,
            "taskDefinition": self.launch.task_definition,
            "capacityProviderStrategy": [{"capacityProvider": capacity, "weight": 1}],
            "clientToken": hashlib.sha256(token.encode()).hexdigest(),
            "startedBy": owner(agent.user_id, agent.epoch),
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": list(subnets),
                    "securityGroups": list(self.launch.security_groups),
                    "assignPublicIp": "ENABLED",
                }
            },
            "overrides": {"containerOverrides": [{"name": "bridge", "environment": pairs}]},
        }


def _raise_unless_capacity(error: ClientError) -> None:
    """A fault of ECS's own (5xx) may have left a task behind; all other refusals have not."""
    told = error.response["Error"]
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        raise AgentUnavailable(f"RunTask did not answer: {error}") from error
    if told["Code"] in THROTTLED:
        raise NoCapacity("AWS takes no more calls for now; the message is kept and tried again") from error
    if not _is_capacity(told["Message"]):
        raise StartRefused(f"{told['Code']}: {told['Message']}") from error


def _is_capacity(reason: str) -> bool:
    return reason.startswith("RESOURCE:") or "capacity is unavailable" in reason.lower()


def _why_stopped(task: Any) -> str | None:
    """In AWS's words: what it says of the task, and of each container that ended otherwise than it should."""
    ends = [
        f"{each['name']}: {each.get('reason') or 'exit code ' + str(each['exitCode'])}"
        for each in task.get("containers", ())
        if each.get("reason") or each.get("exitCode")
    ]
    return "; ".join([*filter(None, [task.get("stoppedReason")]), *ends]) or None
