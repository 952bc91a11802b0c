"""Processes whose parent died: on Linux they become ours, so that none outlives OpenClaw."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """From now on a descendant whose parent dies becomes our child, as it does anyway where we are PID 1."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def tie_to_parent() -> Callable[[], None] | None:
    """For a child between fork and exec: it dies when we are killed. Only Linux can."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # before the fork: loading a library after it may hang
    return lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def list_children() -> list[int]:
    """Our children; elsewhere than on Linux we do not know them and OpenClaw's process group has to do."""
    found: list[int] = []
    for task in Path("/proc/self/task").glob("*"):
        with suppress(OSError):
            found += [int(pid) for pid in (task / "children").read_text().split()]
    return found


def reap_orphans(spare: int) -> None:
    """Collect the dead among the orphans, but leave OpenClaw itself to its own `wait`."""
    for pid in list_children():
        if pid != spare:
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)


def kill_orphans() -> None:
    """Only when OpenClaw is dead and collected: then every child left is an orphan of it."""
    while pids := list_children():  # the death of one makes its children ours
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
