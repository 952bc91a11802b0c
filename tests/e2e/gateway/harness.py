"""A real OpenClaw under its real supervisor, with the demo model, on free ports and in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chalicelib.domain.settings import PermissionMode
from chalicelib.domain.turn import Delta, TurnEvent
from container.agent.control import replace_file
from container.bridge.openclaw.driver import Supervision
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.openclaw.phases import Timeouts
from local.aws.disk import forget
from local.demo_model.server import DemoModel
from tests.e2e.processes import tied

ROOT = Path(__file__).parents[3]
TOKEN = "token-of-the-tests"
START = 180.0  # seconds; a start takes 10 where nothing else runs


class OpenClaw:
    def __init__(self, folder: Path, permission_mode: PermissionMode = "full") -> None:
        self.control, self.state = folder / "control", folder / "state"
        self.log = folder / "agent.log"
        self.model = DemoModel()
        self._serving = threading.Thread(target=self.model.serve_forever, daemon=True)
        self._serving.start()
        self.port = find_port()
        (folder / "tmp").mkdir()
        with self.log.open("wb") as log:
            self.supervisor = subprocess.Popen(
                tied([sys.executable, "-m", "container.agent"]),
                cwd=ROOT,
                env=self._environ(folder),
                stdout=log,
                stderr=log,
            )
        self._mode = permission_mode
        self.restarts = 0
        self.order()

    def order(self, restarts: int = 0) -> None:
        replace_file(
            self.control / "go.json", json.dumps({"token": TOKEN, "restarts": restarts, "permissionMode": self._mode})
        )

    def restart(self) -> None:
        self.restarts += 1
        self.order(self.restarts)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.report()["pid"], number)

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.control / "agent.json").read_text())
        return report

    def gateway(self, timeouts: Timeouts | None = None, on_hang: Callable[[], None] = lambda: None) -> OpenClawGateway:
        gateway = OpenClawGateway(
            f"ws://127.0.0.1:{self.port}", TOKEN, timeouts=timeouts, supervision=Supervision(on_hang)
        )
        assert gateway.wait_ready(START), self.log.read_text()[-3000:]
        return gateway

    def count_calls(self, text: str) -> int:
        """How often the model was asked about a message that contains this text."""
        return sum(text in asked.last for asked in list(self.model.asked))

    def stop(self) -> int:
        self.supervisor.terminate()
        code = self.supervisor.wait(30)
        self.model.shutdown()
        self.model.server_close()
        self._serving.join()
        forget(self.state)
        return code

    def _environ(self, folder: Path) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "TMPDIR": str(folder / "tmp"),
            "MODULE_CACHE": str(ROOT / ".make" / "modules"),
            "STATE_DIR": str(self.state),
            "CONTROL_DIR": str(self.control),
            "GATEWAY_PORT": str(self.port),
            "LLM_MODEL": "demo/demo-1",
            "DEMO_MODEL_URL": self.model.url,
            "STOP_BUDGET_SECONDS": "10",
            "BRIDGE_KEY": "a secret that is none of the agent's business",
        }


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(condition: Callable[[], bool], timeout: float = START) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


class Listener:
    """Runs a turn in a thread of its own and keeps what it tells."""

    def __init__(self, gateway: OpenClawGateway, session: str, message_id: str, text: str) -> None:
        self.events: list[TurnEvent] = []
        self._run = gateway.run(session, message_id, text)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        return render(self.events)

    @property
    def outcome(self) -> TurnEvent:
        self._thread.join(START)
        return self.events[-1]

    def wait_for_text(self, least: int = 1) -> None:
        wait_for(lambda: len(self.text) >= least)

    def _listen(self) -> None:
        self.events.extend(())
        for event in self._run:
            self.events.append(event)


def render(events: list[TurnEvent]) -> str:
    text = ""
    for event in list(events):
        if isinstance(event, Delta):
            text = event.text if event.replace else text + event.text
    return text
