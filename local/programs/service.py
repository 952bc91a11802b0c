"""What every program of the local product does alike: log to standard error, say when it is ready, end on SIGTERM."""

import json
import logging
import os
import signal
import sys
import threading
from typing import Any

from chalicelib.logs import hush

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up_logging(level: str) -> None:
    """The first thing a program does; from here on its files are its owner's alone."""
    os.umask(0o077)
    logging.basicConfig(level=level, format=FORMAT, stream=sys.stderr)
    hush()


def report_ready(**facts: Any) -> None:
    """One line of JSON on standard output, for the launcher."""
    print(json.dumps(facts), flush=True)


def wait_for_end() -> None:
    """Until SIGTERM (from the launcher) or SIGINT (from a person who runs this program alone)."""
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
