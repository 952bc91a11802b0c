"""The local product as a test sees it: one process to start, to end, and to hurt."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tests.e2e.processes import alive, tied

ROOT = Path(__file__).parents[2]
START_PATIENCE = 60.0
Found = TypeVar("Found")


def free_ports() -> int:
    """A port whose successor is free too: the page takes the first, the socket the second."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port


def wait_for(look: Callable[[], Found | None], what: str, patience: float = 30.0) -> Found:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {patience:.0f} s")


class Product:
    """`python -m local` on free ports, with its state in a folder of the test's."""

    def __init__(self, state: Path, **environ: str) -> None:
        self.state = state
        self.port = free_ports()
        self.environ = environ
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._denied = set[str]()  # that somebody was told of

    @property
    def origin(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None, "the product is not started"
        return self._process

    def start(self) -> Product:
        known = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "TMPDIR")
        environ = {name: os.environ[name] for name in known if name in os.environ}
        environ |= {"PORT": str(self.port), "LOCAL_DIR": str(self.state), "PYTHONUNBUFFERED": "1", **self.environ}
        self._process = subprocess.Popen(
            tied([sys.executable, "-m", "local"]),
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._listen, args=(self._process, said), daemon=True).start()
        self._await_ready(said)
        return self

    def stop(self) -> float:
        """SIGTERM; seconds until it was gone."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        if self.process.stdout:
            self.process.stdout.close()
        return time.monotonic() - began

    def newly_denied(self) -> list[str]:
        """Calls that the account has denied to a function or a bridge, each told once."""
        logs = [path.read_text(errors="replace") for path in (self.state / "logs").glob("*.log")]
        denied = {line for log in logs for line in log.splitlines() if "denied: " in line} - self._denied
        self._denied |= denied
        return sorted(denied)

    def agent_pid(self) -> int | None:
        """OpenClaw's process, as its supervisor reports it; None while there is none."""
        for report in self.state.rglob("agent.json"):
            fields = json.loads(report.read_text())
            if fields["state"] == "running" and fields["pid"] and alive(fields["pid"]):
                return int(fields["pid"])
        return None

    def model_requests(self) -> list[Mapping[str, Any]]:
        """What OpenClaw asked the demo model, oldest first."""
        with urllib.request.urlopen(f"{self.demo_model()}/_log", timeout=5) as answer:
            requests: list[Mapping[str, Any]] = json.load(answer)
        return requests

    def prompt(self, words: str) -> str | None:
        """All that was said with these words, files too, as OpenClaw gave it to the model the last time."""
        return next((each["text"] for each in reversed(self.model_requests()) if words in each["text"]), None)

    def remembered(self) -> int:
        """How many things the person had said, as OpenClaw told the model the last time."""
        return int(self.model_requests()[-1]["turns"])

    def demo_model(self) -> str:
        log = (self.state / "logs" / "demo_model.log").read_text()
        return next(word for line in reversed(log.splitlines()) for word in line.split() if word.startswith("http://"))

    def _listen(self, process: subprocess.Popen[str], said: queue.Queue[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip())
            said.put(line)
        said.put("")

    def _await_ready(self, said: queue.Queue[str]) -> None:
        deadline = time.monotonic() + START_PATIENCE
        while time.monotonic() < deadline:
            line = said.get(timeout=START_PATIENCE)
            if line.startswith("Ready: "):
                return
            if line == "":
                raise AssertionError("the product ended:\n" + "\n".join(self.lines))
        raise AssertionError("the product did not become ready:\n" + "\n".join(self.lines))
