"""Talking to the agent's supervisor: one file in the folder that both containers share."""

from __future__ import annotations

import json
from pathlib import Path

from container.agent.control import replace_file


class ControlFolder:
    def __init__(self, folder: Path, token: str) -> None:
        self._path = folder / "go.json"
        self._token = token
        self._restarts = 0

    def go(self) -> None:
        replace_file(self._path, json.dumps({"token": self._token, "restarts": self._restarts}))

    def restart(self) -> None:
        self._restarts += 1
        self.go()
