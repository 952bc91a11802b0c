"""`python -m container.agent`: the supervisor of OpenClaw, first process of the agent's container."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from types import FrameType

from container.agent.config import InvalidSetting, Settings
from container.agent.control import Control
from container.agent.openclaw import OpenClaw
from container.agent.orphans import adopt_orphans
from container.agent.supervisor import Supervisor


class Signals:
    def __init__(self) -> None:
        self.count = 0
        self._came = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)

    def wait(self, seconds: float) -> bool:
        return self._came.wait(seconds)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        self._came.set()


def main() -> int:
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="agent | %(levelname)s %(message)s")
    try:
        settings = Settings.from_env(os.environ)
    except InvalidSetting as error:
        sys.stderr.write(f"{error}\n")
        return 2
    signals = Signals()
    adopt_orphans()
    openclaw = OpenClaw(settings)
    openclaw.prepare()
    control = Control(settings.control_dir)
    Supervisor(control, openclaw.start, openclaw.is_ready, signals, settings.stop_budget).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
