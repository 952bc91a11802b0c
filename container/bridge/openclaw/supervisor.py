"""Talking to the agent's supervisor: one file each way in the folder that both containers share."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

from chalicelib.domain.settings import PermissionMode
from container.agent.control import BRIDGE, replace_file
from container.files import hold, read_file

POLL = 0.05
JUST_READY = 10.0  # seconds in which whoever waits for OpenClaw has reached it
log = logging.getLogger(__name__)


class ControlFolder:
    def __init__(
        self,
        folder: Path,
        token: str,
        sleep: Callable[[float], None] = time.sleep,
        relay: Callable[[], Mapping[str, Any]] = dict,
        permission_mode: PermissionMode = "full",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`relay`: what the agent has to know of the relay of model calls; may take a moment, asked when OpenClaw is
        to start."""
        self._folder = folder
        self._token = token
        self._sleep, self._relay, self._mode, self._clock = sleep, relay, permission_mode, clock
        self._restarts = 0

    def go(self) -> None:
        self._order()
        self._lock = hold(self._folder, BRIDGE)  # for the rest of our life

    def restart(self) -> None:
        self._restarts += 1
        self._order()

    def starting(self) -> bool:
        """Is OpenClaw on its way, or there for so short a time that nobody can have met it yet?"""
        state = self._reported("state")
        return state == "starting" or (state == "running" and self._age() < JUST_READY)

    def halt(self, timeout: float) -> None:
        self._order(halt=True)
        waited = 0.0
        while self._reported("state") in ("starting", "running") and waited < timeout:
            self._sleep(POLL)
            waited += POLL

    def _order(self, **more: bool) -> None:
        relay = self._relay()
        order = {"token": self._token, "restarts": self._restarts, "permissionMode": self._mode, **more}
        order |= {"relay": relay} if relay else {}
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.chmod(0o700)  # the agent owns it as well as we do
            replace_file(self._folder / "go.json", json.dumps(order))
        except OSError as error:  # the last backup is worth more than an order
            log.error("the agent's supervisor cannot be told anything: %s", error)

    def changed(self) -> Sequence[str]:
        found = self._reported("changed")
        return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []

    def _age(self) -> float:
        """Seconds since the supervisor has said something."""
        try:
            return self._clock() - (self._folder / "agent.json").lstat().st_mtime
        except OSError:
            return inf

    def _reported(self, field: str) -> Any:
        """What the supervisor says of OpenClaw; None when it has said nothing that can be read."""
        try:
            return json.loads(read_file(self._folder, "agent.json")).get(field)
        except (OSError, ValueError, AttributeError, RecursionError):
            return None
