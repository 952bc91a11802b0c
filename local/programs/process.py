"""A program under a reaper: started in a session of its own, ended with all its children, gone when we are."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from local.programs.reaper import reaped

GRACE = 6.0  # seconds a program has to end by itself when its starter was killed
TAIL = 15  # lines of a log that are shown when a program fails


class ChildProcess:
    def __init__(
        self,
        command: list[str],
        environ: Mapping[str, str],
        folder: Path,
        log: Path,
        *,
        piped: bool = False,
        keep: tuple[int, ...] = (),
    ) -> None:
        """With `piped`, standard output can be read from `output`; the reaper keeps the descriptors in `keep` open."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            self._reaper = subprocess.Popen(
                reaped(command, GRACE),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if piped else file,
                stderr=file,
                env=dict(environ),
                cwd=folder,
                pass_fds=keep,
                start_new_session=True,  # Ctrl-C is the launcher's alone
            )

    @property
    def output(self) -> IO[bytes]:
        assert self._reaper.stdout is not None
        return self._reaper.stdout

    @property
    def alive(self) -> bool:
        return self._reaper.poll() is None

    def terminate(self) -> None:
        self._reaper.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self._reaper.send_signal(signal.SIGUSR1)

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit code, as a shell tells it; None when the time is over first."""
        try:
            code = self._reaper.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        with contextlib.suppress(OSError):
            assert self._reaper.stdin is not None
            self._reaper.stdin.close()
        return code if code >= 0 else 128 - code  # the reaper itself was ended before it started anything

    def end(self, timeout: float) -> int | None:
        """Politely, then not."""
        self.terminate()
        return self.finish(timeout)

    def finish(self, timeout: float) -> int | None:
        """Whoever was asked to end, and does not in time, is killed."""
        code = self.wait(timeout)
        if code is None:
            self.kill()
            code = self.wait()
        return code


def log_tail(log: Path) -> str:
    """The last lines, for people."""
    lines = log.read_text(errors="replace").splitlines()[-TAIL:]
    return "\n".join((f"Its log, {log}, ends:", *(f"    {line}" for line in lines)))
