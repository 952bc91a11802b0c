"""The supervisor as a program, with small shell scripts in the place of OpenClaw."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from container.agent.control import replace_file
from tests.e2e.processes import alive

ROOT = Path(__file__).parents[2]
CHILD = re.compile(r"child (\d+)\.")


class Program:
    """`node` is a script that is called as: node … openclaw.mjs gateway. It echoes warnings; 3 is its output."""

    def __init__(self, folder: Path, script: str, budget: float) -> None:
        self.folder = folder
        node = folder / "node"
        node.write_text(f"#!/bin/sh\nexec 3>&1 1>&2\n{script}\n")
        node.chmod(0o755)
        environ = {
            "PATH": os.environ["PATH"],
            "NODE": str(node),
            "STATE_DIR": str(folder / "state"),
            "CONTROL_DIR": str(folder / "control"),
            "LLM_MODEL": "demo/demo-1",
            "GATEWAY_PORT": "1",
            "STOP_BUDGET_SECONDS": str(budget),
            "BRIDGE_KEY": "secret",
        }
        command = [sys.executable, "-m", "container.agent"]
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        replace_file(folder / "control" / "go.json", json.dumps({"token": "the-token", "restarts": 0}))

    def wait_for_line(self, text: str) -> None:
        wait_for(lambda: text in self.log.read_text())

    def read_child(self) -> int:
        """The pid that the script says."""
        wait_for(lambda: CHILD.search(self.log.read_text()) is not None)
        found = CHILD.search(self.log.read_text())
        assert found is not None
        return int(found[1])

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(20)


class Run(Protocol):
    """Starts the supervisor with a script for OpenClaw, which has `budget` seconds to end."""

    def __call__(self, script: str, budget: float = ...) -> Program: ...


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    programs: list[Program] = []

    def start(script: str, budget: float = 5) -> Program:
        programs.append(Program(tmp_path, script, budget))
        return programs[-1]

    yield start
    for program in programs:
        if program.process.poll() is None:
            program.process.kill()
            program.process.wait()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def test_the_warnings_of_openclaw_are_ours_with_a_prefix(run: Run) -> None:
    program = run('echo "token $OPENCLAW_GATEWAY_TOKEN, secret $BRIDGE_KEY."; echo "$*"; exec sleep 60')
    program.wait_for_line("openclaw | token the-token, secret .")
    program.wait_for_line("/openclaw.mjs gateway")
    assert program.end() == 0


def test_what_openclaw_prints_is_not_logged_because_answers_are_among_it(run: Run) -> None:
    program = run('echo "dear diary" >&3; echo ready; exec sleep 60')
    program.wait_for_line("openclaw | ready")
    assert program.end() == 0
    assert "diary" not in program.log.read_text()


def test_termination_is_passed_on_and_waited_for(run: Run) -> None:
    program = run('trap "echo bye; exit 0" TERM; echo ready; while :; do sleep 0.05; done')
    program.wait_for_line("openclaw | ready")
    assert program.end() == 0
    assert "openclaw | bye" in program.log.read_text()


def test_an_openclaw_that_will_not_end_is_killed_when_the_budget_is_spent(run: Run) -> None:
    program = run('trap "" TERM; echo ready; while :; do sleep 0.05; done', budget=0.5)
    program.wait_for_line("openclaw | ready")
    started = time.monotonic()
    assert program.end() == 0
    assert time.monotonic() - started >= 0.5


def test_no_grandchild_outlives_openclaw(run: Run) -> None:
    program = run('sleep 300 & echo "child $!."; exec sleep 300')
    grandchild = program.read_child()
    assert alive(grandchild)
    assert program.end() == 0
    assert not alive(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux gives us the orphans")
def test_not_even_one_that_left_its_group(run: Run) -> None:
    program = run("setsid sh -c 'echo \"child $$.\"; exec sleep 300' & wait")
    runaway = program.read_child()
    assert program.end() == 0
    assert not alive(runaway)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can")
def test_openclaw_dies_with_a_supervisor_that_is_killed(run: Run) -> None:
    program = run('echo "child $$."; exec sleep 300')
    openclaw = program.read_child()
    program.process.send_signal(signal.SIGKILL)
    program.process.wait()
    wait_for(lambda: not alive(openclaw))


def test_what_dies_is_reported_and_started_again(run: Run) -> None:
    program = run("exit 3")
    program.wait_for_line("OpenClaw started: start 2")
    assert "OpenClaw died with exit code 3" in program.log.read_text()
    assert program.end() == 0


def test_a_wrong_setting_is_one_clear_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "container.agent"]
    done = subprocess.run(
        command, check=False, cwd=ROOT, env={"STATE_DIR": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == "CONTROL_DIR is missing: wanted the path of a folder\n"
