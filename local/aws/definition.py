"""The task definition: what each of the two programs of a task gets to know, and what it never does."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.aws.addresses import bridge_address, free_port
from local.aws.disk import forget
from local.aws.task import AGENT, BRIDGE, EcsTask
from local.programs.process import ChildProcess

COMMANDS = {name: [sys.executable, "-m", f"container.{name}"] for name in (AGENT, BRIDGE)}
BRIDGE_ONLY = ("AWS_", "BRIDGE_")


@dataclass(frozen=True)
class Definition:
    root: Path  # the working directory of both programs
    state: Path
    logs: Path
    basics: Mapping[str, str] = field(default_factory=dict)  # PATH and the like, for both
    environment: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by container
    commands: Mapping[str, list[str]] = field(default_factory=lambda: COMMANDS)
    stop_timeout: float = 120.0
    pause: float = 0.1  # seconds that a task is PROVISIONING, and then PENDING

    def environments(self, task: EcsTask) -> dict[str, dict[str, str]]:
        shared = self.shared(task)
        bridge = {"TASK_ARN": task.arn, "BRIDGE_ADDRESS": bridge_address()}
        return {
            BRIDGE: self._merged(task, BRIDGE) | shared | bridge | self.scratch(task),
            AGENT: _withheld(self._merged(task, AGENT) | shared),
        }

    def shared(self, task: EcsTask) -> dict[str, str]:
        """A task's disk is its own and ends with it, as on Fargate: what stays is in the bucket."""
        folders = {"CONTROL_DIR": self.control(task), "STATE_DIR": self.control(task) / "state"}
        self.control(task).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in folders.values():  # one by one: a mode is that of the last folder only
            folder.mkdir(mode=0o700, exist_ok=True)
        return {name: str(folder) for name, folder in folders.items()} | {"GATEWAY_PORT": str(free_port())}

    def scratch(self, task: EcsTask) -> dict[str, str]:
        """Where a bridge copies databases to: a copy that a kill leaves behind goes with the task's disk."""
        folder = self.control(task) / "tmp"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {"TMPDIR": str(folder)}

    def spawn(self, task: EcsTask, container: str, environ: Mapping[str, str]) -> ChildProcess:
        """Raises OSError with the reason when it cannot."""
        return ChildProcess(self.commands[container], environ, self.root, self.log(task, container))

    def clean(self, task: EcsTask) -> None:
        """Nothing stays of a task that has ended."""
        forget(self.control(task))

    def clean_all(self) -> None:
        """Nor of those that were killed with us."""
        forget(self.state / "tasks")

    def control(self, task: EcsTask) -> Path:
        return self.state / "tasks" / task.id

    def log(self, task: EcsTask, container: str) -> Path:
        return self.logs / "tasks" / f"{task.id}-{container}.log"

    def _merged(self, task: EcsTask, container: str) -> dict[str, str]:
        given = self.environment.get(container, {})
        return {**self.basics, "PYTHONUNBUFFERED": "1", **given, **task.order.overrides.get(container, {})}


def _withheld(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith(BRIDGE_ONLY)}
