"""Tasks on the disk: those that a kill of the whole product ended are described as stopped for an hour, as by ECS."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from local.aws.task import EcsTask, Status, StopCode, TaskOrder
from local.store import SqliteStore

NAME = "ecs task"  # no table is called so
KEPT = timedelta(hours=1)


class Journal:
    def __init__(self, store: SqliteStore) -> None:
        self.store = store

    def record(self, task: EcsTask) -> None:
        facts = {"startedBy": task.started_by, "createdAt": task.created_at.isoformat(), "status": task.status.value}
        with self.store.transaction():
            self.store.put_item(NAME, task.id, json.dumps(facts))

    def ended(self) -> list[EcsTask]:
        """What earlier runs started; whatever they say of themselves, it is over."""
        tasks = [_ended(key, json.loads(value)) for key, value in self.store.items(NAME)]
        for old in (task for task in tasks if datetime.now(UTC) - task.created_at > KEPT):
            with self.store.transaction():
                self.store.delete_item(NAME, old.id)
        return tasks


def _ended(key: str, facts: dict[str, str]) -> EcsTask:
    task = EcsTask(TaskOrder(key, {}, facts["startedBy"], created_at=datetime.fromisoformat(facts["createdAt"])))
    if facts["status"] != Status.STOPPED.value:
        task.stop(StopCode.EXITED, "The product was killed.")
    task.desired = Status.STOPPED
    task.end()
    return task
