"""How tasks run as containers: the image, the limits of a task, the Docker Engine; read where RUNNER=docker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.docker.engine import NAMES, DockerEngine
from local.errors import LocalConfigError

TOOLS = ("PATH", "HOME", "TMPDIR")
SMALLEST = {"TASK_CPUS": 0.25, "TASK_MEMORY_MB": 1024.0}
DEFAULTS = {"TASK_CPUS": "1", "TASK_MEMORY_MB": "2048"}  # what Fargate gives a task of ours


@dataclass(frozen=True)
class DockerConfig:
    image: str  # empty: the one of this checkout, built when needed
    base: str  # of the image that is built; empty: the Dockerfile's
    cpus: float
    memory_mb: int
    engine: DockerEngine

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> DockerConfig | None:
        """None where tasks are processes. Raises LocalConfigError."""
        if environ.get("RUNNER") != "docker":
            return None
        return cls(
            image=environ.get("IMAGE", ""),
            base=environ.get("IMAGE_BASE", ""),
            cpus=_number(environ, "TASK_CPUS"),
            memory_mb=int(_number(environ, "TASK_MEMORY_MB")),
            engine=DockerEngine({name: environ[name] for name in (*TOOLS, *NAMES) if name in environ}),
        )

    def environ(self) -> dict[str, str]:
        """By which a program of ours reads the same."""
        limits = {"TASK_CPUS": f"{self.cpus:g}", "TASK_MEMORY_MB": str(self.memory_mb)}
        return {"RUNNER": "docker", "IMAGE": self.image, **limits, **self.engine.environ}


def _number(environ: Mapping[str, str], name: str) -> float:
    text = environ.get(name) or DEFAULTS[name]
    try:
        number = float(text)
    except ValueError:
        number = -1
    if number < SMALLEST[name]:
        raise LocalConfigError(f"{name}={text!r} cannot be used: give a number from {SMALLEST[name]:g} up.")
    return number
