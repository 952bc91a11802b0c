"""Tasks in the shape of production: the two containers of one image, under the limits and rules of Fargate.

Fargate limits the task as a whole. Here both containers share the cores of its limit, and divide its memory. Their
network is this machine's, because the embedded AWS listens on its loopback.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from local.aws.addresses import free_port
from local.aws.attached import attached
from local.aws.definition import Definition
from local.aws.task import AGENT, BRIDGE, EcsTask
from local.docker.config import DockerConfig
from local.docker.engine import DockerEngine
from local.programs.process import ChildProcess

BRIDGE_MB = 256
PASSED = ("TZ", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
LABEL = "serverless-openclaw.state"
RULES = {"read_only": True, "cap_drop": ["ALL"], "network_mode": "host"}


@dataclass(frozen=True)
class TaskLimits:
    """Of a task."""

    cpus: float = 1.0
    memory_mb: int = 2048

    def options(self, container: str, cores: int) -> dict[str, Any]:
        """As Docker's SDK names them."""
        last = min(math.ceil(self.cpus), cores) - 1
        memory = f"{BRIDGE_MB if container == BRIDGE else self.memory_mb - BRIDGE_MB}m"
        swap = memory  # with swap it would get more memory than it has there
        return {
            **{"nano_cpus": int(min(self.cpus, cores) * 1e9), "cpuset_cpus": f"0-{last}"},
            **{"mem_limit": memory, "memswap_limit": swap},
        }


class ContainerProcess(ChildProcess):
    """Its reaper passes all signals on to the container but the last one."""

    engine: DockerEngine
    name: str

    def kill(self) -> None:
        with suppress(OSError):
            self.engine.client.containers.get(self.name).kill()
        if self.wait(2.0) is None:
            super().kill()


@dataclass(frozen=True)
class ContainerDefinition(Definition):
    engine: DockerEngine = field(default_factory=lambda: DockerEngine({}))
    image: str = ""
    limits: TaskLimits = field(default_factory=TaskLimits)
    cores: int = 1  # that the Engine has

    def shared(self, task: EcsTask) -> dict[str, str]:
        return {"GATEWAY_PORT": str(free_port())}  # the folders are volumes, at the image's own places

    def scratch(self, task: EcsTask) -> dict[str, str]:
        return {}

    def environments(self, task: EcsTask) -> dict[str, dict[str, str]]:
        """With what Fargate gives every container of a task; the agent has to forget it."""
        where = {
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": f"/v2/credentials/{uuid.uuid4()}",
            "ECS_CONTAINER_METADATA_URI_V4": f"http://169.254.170.2/v4/{uuid.uuid4().hex}",
        }
        return {name: where | environ for name, environ in super().environments(task).items()}

    def spawn(self, task: EcsTask, container: str, environ: Mapping[str, str]) -> ChildProcess:
        name = self._name(task, container)
        options = {**RULES, **self.limits.options(container, self.cores), "labels": {LABEL: str(self.state)}}
        if container == BRIDGE:  # the agent's state and control folders, but a /tmp of its own
            options |= {"volumes_from": [self._name(task, AGENT)], "volumes": ["/tmp"]}
        self.engine.client.containers.create(self.image, container, name=name, environment=dict(environ), **options)
        process = ContainerProcess(attached(name), self.engine.environ, self.root, self.log(task, container))
        process.engine, process.name = self.engine, name
        return process

    def clean(self, task: EcsTask) -> None:
        self._remove([self._name(task, container) for container in (BRIDGE, AGENT)])

    def clean_all(self) -> None:
        super().clean_all()
        self._remove([each.id for each in self.engine.labelled(f"{LABEL}={self.state}", all=True)])

    def _remove(self, names: list[str]) -> None:
        for name in names:
            with suppress(OSError):  # the next start looks again
                self.engine.client.api.remove_container(name, v=True, force=True)

    def _name(self, task: EcsTask, container: str) -> str:
        return f"serverless-openclaw-{task.id}-{container}"


def contained(definition: Definition, config: DockerConfig) -> ContainerDefinition:
    """The same, in containers. Of this machine's environment they get what leads out of it, and no path."""
    facts: dict[str, Any] = vars(definition)
    return ContainerDefinition(
        **facts | {"basics": {name: value for name, value in definition.basics.items() if name in PASSED}},
        engine=config.engine,
        image=config.image,
        limits=TaskLimits(config.cpus, config.memory_mb),
        cores=config.engine.client.info()["NCPU"],
    )
