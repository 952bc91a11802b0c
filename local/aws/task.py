"""A task as ECS tells it: its containers, its life from PROVISIONING to STOPPED, and why it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from local.names import CLUSTER_ARN, TASK_ARN_PREFIX, TASK_DEFINITION_ARN

Overrides = Mapping[str, Mapping[str, str]]  # environment by container


class Status(Enum):
    PROVISIONING = "PROVISIONING"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    DEPROVISIONING = "DEPROVISIONING"
    STOPPED = "STOPPED"


class StopCode(Enum):
    USER = "UserInitiated"
    EXITED = "EssentialContainerExited"
    FAILED = "TaskFailedToStart"
    SPOT = "SpotInterruption"


BRIDGE, AGENT = "bridge", "agent"


@dataclass
class Container:
    name: str
    status: Status = Status.PENDING
    exit_code: int | None = None

    def describe(self, task_arn: str) -> dict[str, Any]:
        facts = {"name": self.name, "taskArn": task_arn, "lastStatus": self.status.value, "exitCode": self.exit_code}
        return {name: value for name, value in facts.items() if value is not None}


@dataclass(frozen=True)
class TaskOrder:
    """What RunTask asked for."""

    id: str
    overrides: Overrides
    started_by: str = ""
    capacity_provider: str = "FARGATE"
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def arn(self) -> str:
        return TASK_ARN_PREFIX + self.id


@dataclass(frozen=True)
class StopReason:
    code: StopCode
    text: str


@dataclass
class EcsTask:
    order: TaskOrder
    status: Status = Status.PROVISIONING
    desired: Status = Status.RUNNING
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_reason: StopReason | None = None
    containers: dict[str, Container] = field(
        default_factory=lambda: {name: Container(name) for name in (BRIDGE, AGENT)}
    )

    @property
    def id(self) -> str:
        return self.order.id

    @property
    def arn(self) -> str:
        return self.order.arn

    @property
    def started_by(self) -> str:
        return self.order.started_by

    @property
    def created_at(self) -> datetime:
        return self.order.created_at

    def start(self) -> None:
        self.status, self.started_at = Status.RUNNING, datetime.now(UTC)
        for container in self.containers.values():
            container.status = Status.RUNNING

    def stop(self, code: StopCode, reason: str) -> None:
        """Wanted from now on; the first reason stays."""
        self.desired = Status.STOPPED
        self.stop_reason = self.stop_reason or StopReason(code, reason)

    def end(self) -> None:
        self.status, self.stopped_at = Status.STOPPED, datetime.now(UTC)

    def describe(self) -> dict[str, Any]:
        facts = {
            "taskArn": self.arn,
            "clusterArn": CLUSTER_ARN,
            "taskDefinitionArn": TASK_DEFINITION_ARN,
            "lastStatus": self.status.value,
            "desiredStatus": self.desired.value,
            "startedBy": self.started_by or None,
            "capacityProviderName": self.order.capacity_provider,
            "stopCode": self.stop_reason and self.stop_reason.code.value,
            "stoppedReason": self.stop_reason and self.stop_reason.text,
            "containers": [container.describe(self.arn) for container in self.containers.values()],
            **{name: time and time.timestamp() for name, time in self._times().items()},
        }
        return {name: value for name, value in facts.items() if value is not None}

    def _times(self) -> dict[str, datetime | None]:
        return {"createdAt": self.created_at, "startedAt": self.started_at, "stoppedAt": self.stopped_at}
