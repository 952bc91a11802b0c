"""The Docker Engine as the tests of the image use it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.docker.config import TOOLS
from local.docker.engine import NAMES, DockerEngine

ROOT = Path(__file__).parents[2]
ENVIRON = {name: os.environ[name] for name in (*TOOLS, *NAMES) if name in os.environ}
TASK = {"read_only": True, "cap_drop": ["ALL"], "network_mode": "none", "mem_limit": "2g"}


class Engine(DockerEngine):
    """One image on it; `IMAGE` names one that is there already."""

    image: str = os.environ.get("IMAGE", "")

    def look(self, name: str) -> dict[str, Any]:
        """All that is known of a container."""
        return dict(self.client.containers.get(name).attrs)

    def run(self, program: str, **options: Any) -> str:
        """What a Python program prints that runs in place of the image's own."""
        options = {**TASK, "entrypoint": "python", "remove": True, **options}
        return bytes(self.client.containers.run(self.image, ["-c", program], **options)).decode()

    def shell(self, container: str, line: str) -> str:
        code, said = self.client.containers.get(container).exec_run(["sh", "-c", line])
        assert code == 0, said
        return bytes(said).decode()


def command(environ: Mapping[str, str], *words: str) -> str:
    """What a person's own command says; raises RuntimeError with what it has against it."""
    answer = subprocess.run(["docker", *words], env=environ, capture_output=True, text=True, check=False, timeout=60)
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    return answer.stdout.strip()


def environment_of(facts: dict[str, Any]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in facts["Config"]["Env"])
