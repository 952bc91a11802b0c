"""Docker by its command line: whether an Engine answers, and what it is asked to do."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from local.errors import DockerMissing

# How its command line finds an Engine; where none is named, in the usual place.
NAMES = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")
TIMEOUT = 60.0


@dataclass(frozen=True)
class DockerEngine:
    environ: Mapping[str, str]  # PATH, HOME and the names above

    def check(self) -> None:
        """Raises DockerMissing with the reason in one line."""
        try:
            self.ask("version", "--format", "{{.Server.Version}}")
        except (OSError, RuntimeError, subprocess.TimeoutExpired) as error:
            raise DockerMissing(
                f"RUNNER=docker needs a Docker Engine, and none answers ({_first_line(error)}): "
                "start Docker, or run without RUNNER."
            ) from None

    def has_image(self, name: str) -> bool:
        return bool(self.ask("image", "ls", "--quiet", name))

    def ask(self, *arguments: str, environ: Mapping[str, str] | None = None) -> str:
        """What it says; raises RuntimeError with what it has against it. `environ` is only for `--env NAME`."""
        command = ["docker", *arguments]
        known = {**(environ or {}), **self.environ}
        answer = subprocess.run(command, env=known, capture_output=True, text=True, check=False, timeout=TIMEOUT)
        if answer.returncode:
            raise RuntimeError(answer.stderr.strip() or f"docker ended with exit code {answer.returncode}")
        return answer.stdout.strip()


def _first_line(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no docker command"
    return str(error).strip().partition("\n")[0].rstrip(".")
