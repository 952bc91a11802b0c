"""Talking to the agent's supervisor: one file each way in the folder that both containers share."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from container.agent.control import replace_file

POLL = 0.05


class ControlFolder:
    def __init__(self, folder: Path, token: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._folder = folder
        self._token = token
        self._sleep = sleep
        self._restarts = 0

    def go(self) -> None:
        self._order()

    def restart(self) -> None:
        self._restarts += 1
        self._order()

    def halt(self, timeout: float) -> None:
        self._order(halt=True)
        waited = 0.0
        while self._reported() in ("starting", "running") and waited < timeout:
            self._sleep(POLL)
            waited += POLL

    def _order(self, **more: bool) -> None:
        replace_file(self._folder / "go.json", json.dumps({"token": self._token, "restarts": self._restarts, **more}))

    def _reported(self) -> Any:
        """The state of OpenClaw as the supervisor sees it; None when it has said nothing that can be read."""
        try:
            return json.loads((self._folder / "agent.json").read_text()).get("state")
        except (OSError, ValueError, AttributeError):
            return None
