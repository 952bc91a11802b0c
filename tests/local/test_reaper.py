"""What a reaper promises: nothing of the program outlives its starter or itself."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.programs.process import ChildProcess
from local.programs.reaper import reaped
from tests.local.waiting import wait_until

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = (
    "import subprocess, sys, time; print(subprocess.Popen(['sleep', '60'], start_new_session=True).pid, flush=True)"
)


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def start(code: str, tmp_path: Path) -> ChildProcess:
    return ChildProcess([sys.executable, "-c", code], os.environ, tmp_path, tmp_path / "log", piped=True)


def test_the_exit_code_of_the_program_is_the_exit_code_of_the_reaper(tmp_path: Path) -> None:
    process = start("raise SystemExit(7)", tmp_path)
    with process.output:
        assert process.wait(5) == 7


def test_a_killed_program_is_told_as_a_shell_does(tmp_path: Path) -> None:
    process = start("import os; os.kill(os.getpid(), 9)", tmp_path)
    with process.output:
        assert process.wait(5) == 137


def test_the_polite_end_reaches_the_program(tmp_path: Path) -> None:
    code = "import signal, sys; signal.signal(15, lambda *_: sys.exit(3)); print('up', flush=True); signal.pause()"
    process = start(code, tmp_path)
    with process.output as output:
        output.readline()
        assert process.end(5) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="a process's children are told on Linux alone")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_program_that_is_just_being_started_is_ended_too(number: signal.Signals) -> None:
    for _ in range(5):
        reaper = subprocess.Popen(reaped(["sleep", "60"], 1.0), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert reaper.stdin
        with reaper.stdin:
            children = Path(f"/proc/{reaper.pid}/task/{reaper.pid}/children")
            wait_until(children.read_text)
            (child,) = map(int, children.read_text().split())
            reaper.send_signal(number)
            assert reaper.wait(5) == 128 + (signal.SIGKILL if number is signal.SIGUSR1 else number)
            assert not alive(child)


def test_a_program_that_ignores_the_polite_end_is_killed(tmp_path: Path) -> None:
    process = start(STUBBORN, tmp_path)
    with process.output as output:
        output.readline()
        assert process.end(0.2) == 137


def test_a_program_ends_when_its_starter_was_killed(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys; print(subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE).pid, flush=True);"
        "import time; time.sleep(60)"
    )
    command = reaped([sys.executable, "-c", STUBBORN], 0.2)
    with subprocess.Popen([sys.executable, "-c", code, *command], stdout=subprocess.PIPE) as starter:
        assert starter.stdout is not None
        reaper = int(starter.stdout.readline())
        starter.stdout.readline()
        starter.send_signal(signal.SIGKILL)
        wait_until(lambda: not alive(reaper))


def test_what_a_program_started_in_another_session_does_not_outlive_it(tmp_path: Path) -> None:
    process = start(PARENT, tmp_path)
    with process.output as output:
        grandchild = int(output.readline())
        assert process.wait(5) == 0
    assert not alive(grandchild)
