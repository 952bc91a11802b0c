"""The launcher starts everything, tells what goes wrong in a line, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.__main__ import guarded
from local.errors import ProgramFailed
from local.programs.program import Plan, Program, ProgramFolders
from local.store import store_path
from tests.local.waiting import wait_until

ROOT = Path(__file__).parents[2]


class Launched:
    def __init__(self, state: Path, port: int) -> None:
        environ = {"PATH": os.environ["PATH"], "PORT": str(port), "LOCAL_DIR": str(state)}
        self.state, self.port = state, port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local"],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_ready(self) -> list[str]:
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line.strip())
            if line.startswith("Ready: "):
                return lines
        raise AssertionError("\n".join(lines))

    def end(self) -> str:
        """The rest of what it said."""
        said, _ = self.process.communicate(timeout=15)
        return said

    def programs(self) -> dict[str, int]:
        """The pid of each program that runs on this state folder, by its module."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environ, command = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if f"LOCAL_STATE={self.state}\0".encode() in environ and b"reaper.py" not in command:
                found[command.split(b"\0")[2].decode()] = int(folder.name)
        return found


def free_port() -> int:
    """One whose successor is free too."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@pytest.fixture
def launched(tmp_path: Path) -> Iterator[Launched]:
    running = Launched(tmp_path / "state", free_port())
    yield running
    if running.process.poll() is None:
        running.process.kill()
    running.process.communicate()
    wait_until(lambda: not running.programs(), 10)


def test_the_product_starts_is_refused_a_second_time_and_ends(launched: Launched) -> None:
    lines = launched.wait_until_ready()
    assert [line.split()[0] for line in lines] == ["Starting"] * 3 + ["Ready:"]
    with urllib.request.urlopen(lines[-1].removeprefix("Ready: ") + "/config.json", timeout=5) as answered:
        assert answered.status == 200
    second = Launched(launched.state, free_port())
    assert "already running" in second.end()
    assert second.process.returncode == 1

    started = time.monotonic()
    launched.process.send_signal(signal.SIGTERM)
    launched.end()
    assert launched.process.returncode == 0
    assert time.monotonic() - started < 10
    assert not launched.programs()


def test_a_program_that_dies_ends_everything_with_its_last_words(launched: Launched) -> None:
    launched.wait_until_ready()
    os.kill(launched.programs()["local.cloud"], signal.SIGKILL)
    said = launched.end()
    assert launched.process.returncode == 1
    assert "page, API and sign-in ended by itself." in said
    assert "cloud.log" in said
    assert not launched.programs()


def test_what_a_killed_launcher_leaves_ends_and_a_new_run_waits_for_it(launched: Launched) -> None:
    launched.wait_until_ready()
    before = launched.programs()
    launched.process.kill()
    launched.process.wait()
    again = Launched(launched.state, launched.port)
    again.wait_until_ready()
    after = again.programs()
    again.process.send_signal(signal.SIGTERM)
    again.end()
    assert not set(before.values()) & set(after.values())


def test_a_damaged_store_is_one_line_and_nothing_starts(tmp_path: Path) -> None:
    store_path(tmp_path).write_text("not a database" * 100)
    launched = Launched(tmp_path, free_port())
    said = launched.end()
    assert launched.process.returncode == 1
    assert said.count("\n") == 1
    assert f"{store_path(tmp_path)} cannot be used" in said
    assert store_path(tmp_path).read_text() == "not a database" * 100


def test_an_error_that_nobody_foresaw_is_a_sentence_and_a_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError("odd")

    assert guarded(fail, tmp_path / "logs" / "launcher.log") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "ValueError: odd. Its details are in" in said
    assert "Traceback" in (tmp_path / "logs" / "launcher.log").read_text()


def program(tmp_path: Path, code: str) -> Program:
    (tmp_path / "tiny.py").write_text(code)
    plan = Plan("tiny program", "tiny", {"PATH": os.environ["PATH"]})
    with (tmp_path / "lock").open("w") as lock:
        return Program(plan, ProgramFolders(tmp_path, tmp_path / "logs", lock.fileno()), lambda _: None)


def test_a_program_tells_what_it_is_ready_with(tmp_path: Path) -> None:
    started = program(tmp_path, 'import time; print(\'{"url": "x"}\', flush=True); time.sleep(60)')
    assert started.wait_until_ready() == {"url": "x"}
    started.end(1)


def test_a_program_that_does_not_start_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    started = program(tmp_path, "raise RuntimeError('the reason')")
    with pytest.raises(ProgramFailed, match=r"tiny program did not start(.|\n)*the reason"):
        started.wait_until_ready()
    started.end(1)
