"""The Docker Engine as the tests of the image use it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from local.docker.config import TOOLS
from local.docker.engine import NAMES, DockerEngine

ROOT = Path(__file__).parents[2]
ENVIRON = {name: os.environ[name] for name in (*TOOLS, *NAMES) if name in os.environ}
TASK = ("--read-only", "--cap-drop=ALL", "--network=none", "--memory=2g")


class Engine(DockerEngine):
    """One image on it; `IMAGE` names one that is there already."""

    image: str = os.environ.get("IMAGE", "")

    def look(self, name: str) -> dict[str, Any]:
        """All that is known of a container."""
        (facts,) = json.loads(self.ask("inspect", name))
        return dict(facts)

    def run(self, program: str, *options: str, timeout: float = 300) -> str:
        """What a Python program prints that runs in place of the image's own."""
        command = ["docker", "run", "--rm", "--interactive", *TASK, *options, "--entrypoint=python", self.image, "-"]
        answer = subprocess.run(
            command, env=ENVIRON, input=program, capture_output=True, text=True, timeout=timeout, check=False
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def shell(self, container: str, line: str) -> str:
        return self.ask("exec", container, "sh", "-c", line)


def environment_of(facts: dict[str, Any]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in facts["Config"]["Env"])
