"""The product's processes by what they run, so that a test can hurt one of them, and see that none is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

BRIDGE = "container.bridge"
AGENT = "container.agent"
AWS = "local.aws"
CLOUD = "local.cloud"


TIE = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15); os.execv(sys.argv[1], sys.argv[1:])"  # PR_SET_PDEATHSIG


def tied(command: list[str]) -> list[str]:
    """The same program, told to end when the process of the tests is gone, however that was ended."""
    return [sys.executable, "-I", "-S", "-c", TIE, *command] if sys.platform == "linux" else command


@dataclass(frozen=True)
class Found:
    pid: int
    parent: int
    words: tuple[str, ...]

    def runs(self, module: str) -> bool:
        """As `python -m <module>`; the reaper that started it has the same words further behind."""
        return self.words[1:3] == ("-m", module)


def below(root: int) -> list[Found]:
    """All descendants of a process that live, zombies not among them."""
    children: dict[int, list[Found]] = {}
    for found in _all():
        children.setdefault(found.parent, []).append(found)
    family, parents = [], [root]
    while parents:
        born = children.get(parents.pop(), [])
        family += born
        parents += [each.pid for each in born]
    return family


def running(root: int, module: str) -> list[int]:
    return [found.pid for found in below(root) if found.runs(module)]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Stopped in the middle of whatever it does; its sockets stay open and nobody answers."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def environment(pid: int) -> dict[str, str]:
    """What a process was started with; Linux only."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def _all() -> Iterator[Found]:
    listing = subprocess.run(["ps", "-axo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        pid, parent, state, *words = line.split()
        if not state.startswith("Z"):
            yield Found(int(pid), int(parent), tuple(words))
