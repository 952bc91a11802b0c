"""Runs a container as if it were a process of ours: its output is ours, SIGTERM reaches it, we end with its exit code.

`docker start --attach` alone passes no SIGTERM on in every version; some end, and the container runs on. Standard
library only: `-I -S` starts it in 30 ms.
"""

import contextlib
import signal
import subprocess
import sys
from pathlib import Path

SOURCE = str(Path(__file__).resolve())
PAUSE = 0.2  # seconds; a signal that comes before the container runs is passed on when it does


def attached(name: str) -> list[str]:
    """The command line."""
    return [sys.executable, "-I", "-S", SOURCE, name]


def main(name: str) -> int:
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    docker = subprocess.Popen(["docker", "start", "--attach", name])
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return docker.wait(PAUSE)
        if asked and terminate(name):
            asked.clear()


def terminate(name: str) -> bool:
    command = ["docker", "kill", "--signal", "TERM", name]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
