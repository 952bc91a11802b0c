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


@dataclass(frozen=True)
class ClusterTasks:
    client: Any

    def running(self, cluster: str) -> list[ClusterTask]:
        found: list[ClusterTask] = []
        with unless("ClusterNotFoundException"), translated("listing the tasks"):
            arns = self.client.list_tasks(cluster=cluster)["taskArns"]
            if arns:
                for task in self.client.describe_tasks(cluster=cluster, tasks=arns)["tasks"]:
                    found.append(_running(task))
        return [task for task in found if task.status != "STOPPED"]

    def stop(self, cluster: str, arn: str) -> None:
        with unless("InvalidParameterException", "ClusterNotFoundException"), translated(f"stopping {arn}"):
            self.client.stop_task(cluster=cluster, task=arn, reason="serverless-openclaw is being destroyed")


def _running(task: dict[str, Any]) -> ClusterTask:
    return ClusterTask(task["taskArn"], task.get("startedBy", ""), task["lastStatus"], task.get("createdAt"))
