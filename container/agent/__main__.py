"""`python -m container.agent`: the supervisor of OpenClaw, first process of the agent's container."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from types import FrameType

from container.agent.config import AgentConfig, AgentConfigError
from container.agent.control import Control
from container.agent.openclaw import OpenClaw
from container.agent.orphans import adopt_orphans
from container.agent.supervisor import OpenClawSupervisor


class ProcessSignals:
    def __init__(self) -> None:
        self.count = 0
        self._came = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)

    def wait(self, seconds: float) -> bool:
        came = self._came.wait(seconds)
        self._came.clear()  # the next one is news, too
        return came

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        self._came.set()


def main() -> int:
    os.umask(0o077)  # OpenClaw's, too: what the agent knows is for nobody else on the machine
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="agent | %(levelname)s %(message)s")
    try:
        config = AgentConfig.from_env(os.environ)
    except AgentConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    signals = ProcessSignals()
    adopt_orphans()
    openclaw = OpenClaw(config)
    openclaw.prepare()
    control = Control(config.control_dir)
    OpenClawSupervisor(control, openclaw, signals, config.stop_budget).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
