"""Programs of this machine that the driver runs: chalice, docker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.errors import DriverError

TOOLS = Path(sys.executable).parent  # chalice, node and npm are the checkout's own
KEPT = 40  # lines of output that an error shows


@dataclass(frozen=True)
class Programs:
    root: Path
    environ: Mapping[str, str]  # beside our own

    def chalice(self, stage: str, say: Callable[[str], None]) -> None:
        """`chalice deploy`, as a person would run it."""
        self.run(["chalice", "deploy", "--stage", stage], say)

    def docker_machine(self) -> str | None:
        """What the Docker engine builds without emulation, such as arm64; None where none answers."""
        return self._answer("docker", "version", "--format", "{{.Server.Arch}}") or None

    def has_buildx(self) -> bool:
        """Docker's older builder knows neither attestations nor other places for an image."""
        return self._answer("docker", "buildx", "version") is not None

    def _answer(self, *asked: str) -> str | None:
        """None when it failed."""
        environ = {**os.environ, **self.environ}
        try:
            done = subprocess.run(asked, env=environ, capture_output=True, text=True, check=True, timeout=20)
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()

    def run(self, command: Sequence[str], say: Callable[[str], None], secret: str = "") -> None:
        """Each line of output as it comes; `secret` goes to its input. Raises DriverError."""
        process = subprocess.Popen(
            list(command),
            cwd=self.root,
            env={**os.environ, **self.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        process.stdin.write(secret)
        process.stdin.close()
        lines: list[str] = []
        try:
            for line in process.stdout:
                lines.append(line.rstrip())
                say(lines[-1])
        except BaseException:
            process.terminate()
            raise
        finally:
            process.stdout.close()
            process.wait()
        if process.returncode:
            shown = "\n".join(f"    {line}" for line in lines[-KEPT:])
            raise DriverError(f"{Path(command[0]).name} {command[1]} ended with {process.returncode}:\n{shown}")
