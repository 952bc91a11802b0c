"""One run of OpenClaw: a process group of its own, its warnings on our output, nothing left of it when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from container.agent.orphans import kill_orphans, reap_orphans, tie_to_parent

PREFIX = "openclaw | "


class OpenClawProcess:
    def __init__(self, command: list[str], environ: Mapping[str, str], folder: Path) -> None:
        self._popen = subprocess.Popen(
            command,
            env=dict(environ),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # there, at any level, it prints the answer of a turn it resumed
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=tie_to_parent(),  # noqa: PLW1509 — it only makes one system call
        )
        assert self._popen.stderr is not None
        self._output = threading.Thread(target=copy_output, args=(self._popen.stderr, _write_line), daemon=True)
        self._output.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def poll(self) -> int | None:
        reap_orphans(self.pid)
        return self._popen.poll()

    def stop(self, budget: timedelta, hurry: Callable[[], bool] = lambda: False) -> int:
        """Ask it to end, wait for `budget` or until `hurry` says so, then end it and all that it started."""
        self._signal(signal.SIGTERM)
        waited = 0.0
        while self.poll() is None and waited < budget.total_seconds() and not hurry():
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(0.05)
            waited += 0.05
        return self.clear()

    def clear(self) -> int:
        """Kill what is left of the group and of the descendants that left the group."""
        self._signal(signal.SIGKILL)
        code = self._popen.wait()
        kill_orphans()
        self._output.join(1)
        return code

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM of a group of zombies
            os.killpg(self._popen.pid, number)


def copy_output(source: IO[bytes], write: Callable[[str], None]) -> None:
    with source:
        for line in source:
            write(line.decode(errors="replace").rstrip("\n"))


def _write_line(line: str) -> None:
    with suppress(OSError, ValueError):  # our own output may be gone: no reason to stop OpenClaw
        sys.stdout.write(f"{PREFIX}{line}\n")
        sys.stdout.flush()
