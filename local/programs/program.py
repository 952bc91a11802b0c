"""One of the programs the launcher runs: ready when it says so, its log in a file, its end noticed."""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.errors import ProgramFailed
from local.programs.process import ChildProcess, log_tail

START_TIMEOUT = 60.0


@dataclass(frozen=True)
class Plan:
    """What to run: `python -m <module>`, called `title` in what people read."""

    title: str
    module: str
    environ: Mapping[str, str]


@dataclass(frozen=True)
class ProgramFolders:
    """Where programs run: their working directory, their logs, the lock they keep."""

    folder: Path
    logs: Path
    lock: int


class Program:
    def __init__(self, plan: Plan, folders: ProgramFolders, on_end: Callable[[Program], None]) -> None:
        self.plan = plan
        self.log = folders.logs / f"{plan.module.rpartition('.')[2]}.log"
        self._on_end = on_end
        self._said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.write_bytes(b"")
        command = [sys.executable, "-m", plan.module]
        self._process = ChildProcess(command, plan.environ, folders.folder, self.log, piped=True, keep=(folders.lock,))
        self._reader = threading.Thread(target=self._read, name=plan.title, daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> dict[str, Any]:
        """What the program said of itself."""
        try:
            line = self._said.get(timeout=START_TIMEOUT)
        except queue.Empty:
            raise ProgramFailed(
                f"{self.plan.title} did not start within {START_TIMEOUT:.0f} s. {self.log_tail()}"
            ) from None
        if not line:
            raise ProgramFailed(f"{self.plan.title} did not start. {self.log_tail()}")
        facts: dict[str, Any] = json.loads(line)
        return facts

    def log_tail(self) -> str:
        return log_tail(self.log)

    def terminate(self) -> None:
        """Asks it to end, without waiting for it."""
        self._process.terminate()

    def end(self, timeout: float) -> None:
        self._process.end(timeout)
        self._reader.join(1)
        self._process.output.close()

    def _read(self) -> None:
        for line in self._process.output:
            self._said.put(line)
        self._process.wait()
        self._said.put(b"")
        self._on_end(self)
