"""What the tests start ends with them, also where they are killed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.processes import alive, tied
from tests.e2e.product import wait_for

SLEEP = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)"]
STARTER = f"""
import subprocess, time
child = subprocess.Popen({tied(SLEEP)!r}, stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="no other system tells a program that its parent is gone")
def test_what_a_killed_process_of_the_tests_has_started_ends() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout
        pid = int(starter.stdout.readline())
        assert alive(pid)
        starter.kill()
    wait_for(lambda: not alive(pid), "the end of what it had started", 5)
