"""The Docker Engine, by its SDK; by the command what that does better: build, stay attached, say what is wrong."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from local.errors import DockerMissing

# How an Engine is found; where none is named, in the usual place.
NAMES = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")
TIMEOUT = 60.0


@dataclass(frozen=True)
class DockerEngine:
    environ: Mapping[str, str]  # PATH, HOME and the names above

    def check(self) -> None:
        """Raises DockerMissing with the reason in one line."""
        from docker.errors import DockerException  # noqa: PLC0415

        command = ["docker", "version", "--format", "{{.Server.Version}}"]
        try:
            subprocess.run(command, env=self.environ, capture_output=True, text=True, check=True, timeout=TIMEOUT)
            self.client.ping()  # by fewer ways than the command knows
        except (OSError, subprocess.SubprocessError, DockerException) as error:
            raise DockerMissing(
                f"RUNNER=docker needs a Docker Engine, and none answers ({_reason(error)}): "
                "start Docker, or run without RUNNER."
            ) from None

    @cached_property
    def client(self) -> Any:
        """A docker.DockerClient; what the Engine refuses is an OSError."""
        import docker  # noqa: PLC0415  takes a fifth of a second, and nothing needs it where tasks are processes

        return docker.from_env(environment=dict(self.environ), timeout=TIMEOUT)

    def has_image(self, name: str) -> bool:
        return bool(self.client.images.list(name))

    def labelled(self, label: str, *, all: bool = False) -> list[Any]:
        """Containers; those that have ended, too, where all are wanted."""
        return list(self.client.containers.list(all=all, filters={"label": label}, ignore_removed=True))


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no docker command"
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else str(error)
    return str(said).strip().partition("\n")[0].rstrip(".")
