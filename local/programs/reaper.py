"""Runs one program and ends it, with everything it started, when whoever started it is gone.

The starter keeps the other end of our standard input; the system closes it even when the starter is killed,
on every Unix. SIGTERM is passed on, SIGUSR1 kills at once. Standard library only: `-I -S` starts it in 30 ms.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

SOURCE = str(Path(__file__).resolve())
FAILED_TO_START = 127
STDIN = 0
PR_SET_CHILD_SUBREAPER = 36

SignalHandler = Callable[[int, FrameType | None], object] | signal.Handlers


def reaped(command: list[str], grace: float) -> list[str]:
    """The command line that runs `command` under a reaper; `grace` = seconds between the polite end and the kill."""
    return [sys.executable, "-I", "-S", SOURCE, str(grace), *command]


class Reaper:
    def __init__(self, command: list[str], grace: float) -> None:
        self.grace = grace
        self.deadline: float | None = None
        self.watched = [STDIN, self._wakeup()]
        self.pid = 0  # while the program is being started
        self.early: list[int] = []  # signals for it
        for number, handler in self._handlers().items():
            signal.signal(number, handler)
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        self.pid = self.child.pid
        for number in self.early:
            self._pass_on(number)

    def run(self) -> int:
        """Wait for the program; its exit code, or 128 + the signal that ended it, as a shell tells it."""
        while (code := self.child.poll()) is None:
            for ready in select.select(self.watched, [], [], self._seconds_left())[0]:
                if not os.read(ready, 4096):
                    self._end_in_time()
            if self.deadline is not None and time.monotonic() >= self.deadline:
                self.kill()
        self.kill()
        sweep_orphans()
        return code if code >= 0 else 128 - code

    def kill(self, *_signal: int | FrameType | None) -> None:
        """The whole session of the program, so that nothing it started stays behind."""
        self._pass_on(signal.SIGKILL)

    def end(self, *_signal: int | FrameType | None) -> None:
        self._pass_on(signal.SIGTERM)

    def _pass_on(self, number: int) -> None:
        if not self.pid:
            self.early.append(number)
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if number == signal.SIGKILL else os.kill)(self.pid, number)

    def _end_in_time(self) -> None:
        self.watched.remove(STDIN)
        self.deadline = time.monotonic() + self.grace
        self.end()

    def _seconds_left(self) -> float | None:
        return None if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def _handlers(self) -> dict[int, SignalHandler]:
        return {
            signal.SIGTERM: self.end,
            signal.SIGUSR1: self.kill,
            signal.SIGINT: signal.SIG_IGN,
            signal.SIGCHLD: lambda *_: None,
        }

    def _wakeup(self) -> int:
        """A pipe that becomes readable with every signal, so that waiting needs no polling."""
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        return reader


def adopt_orphans() -> None:
    """On Linux what the program started becomes ours when the program dies, also from sessions of its own."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def sweep_orphans() -> None:
    """The end of one makes its children ours: again until there are none."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while children.exists() and (pids := children.read_text().split()):
        for pid in map(int, pids):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def main(arguments: list[str]) -> int:
    adopt_orphans()
    try:
        return Reaper(arguments[1:], float(arguments[0])).run()
    except OSError as error:
        print(error, file=sys.stderr)
        return FAILED_TO_START


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
