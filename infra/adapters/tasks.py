"""ECS: the agents' tasks that run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.adapters.errors import translated, unless


@dataclass(frozen=True)
class ClusterTask:
    arn: str
    started_by: str
    status: str
    created_at: datetime | None
    images: tuple[str, ...] = ()  # digests; tags, of tasks that an older driver has let start


@dataclass(frozen=True)
class ClusterTasks:
    client: Any

    def running(self, cluster: str) -> list[ClusterTask]:
        found: list[ClusterTask] = []
        with unless("ClusterNotFoundException"), translated("listing the tasks"):
            for page in self.client.get_paginator("list_tasks").paginate(cluster=cluster):
                if arns := page["taskArns"]:
                    found += map(_running, self.client.describe_tasks(cluster=cluster, tasks=arns)["tasks"])
        return [task for task in found if task.status != "STOPPED"]

    def stop(self, cluster: str, arn: str) -> None:
        with unless("InvalidParameterException", "ClusterNotFoundException"), translated(f"stopping {arn}"):
            self.client.stop_task(cluster=cluster, task=arn, reason="serverless-openclaw is being destroyed")


def _running(task: dict[str, Any]) -> ClusterTask:
    images = [_image(str(each["image"])) for each in task.get("containers", []) if each.get("image")]
    return ClusterTask(
        task["taskArn"], task.get("startedBy", ""), task["lastStatus"], task.get("createdAt"), tuple(images)
    )


def _image(name: str) -> str:
    return name.partition("@")[2] or name.rpartition(":")[2]
