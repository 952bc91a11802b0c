"""A ring of the bridge's doorbell, alone and right after strangers who connect and say nothing, measured in turn.

Run it as `python -m bench.doorbell [rings]`.
"""

from __future__ import annotations

import secrets
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from statistics import median
from typing import Any

from bench.report import milliseconds, verdict
from chalicelib.adapters.bridge import HttpsDoorbell
from chalicelib.domain.agent import Agent
from container.bridge.certificate import create_identity
from container.bridge.http.app import create_app
from container.bridge.http.server import create_server

STRANGERS = 8
KEY, EPOCH = "ab" * 32, 1


class SilentBridge:
    def ring(self) -> None: ...

    def status(self) -> dict[str, Any]:
        return {}

    def shut_down(self) -> None: ...


def now() -> datetime:
    return datetime.now(UTC)


def main(rings: int) -> None:
    with served() as agent:
        bell = HttpsDoorbell(now, lambda: secrets.token_hex(16))
        timed(bell, agent)
        alone, crowded = [], []
        for _ in range(rings):
            alone.append(timed(bell, agent))
            with strangers(agent):
                crowded.append(timed(bell, agent))
    milliseconds("a ring", alone)
    milliseconds(f"a ring beside {STRANGERS} silent strangers", crowded)
    verdict("ratio of the medians", median(crowded) / median(alone), 1.5, "x")


@contextmanager
def served() -> Iterator[Agent]:
    identity = create_identity(now())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = create_server(create_app(SilentBridge(), KEY, EPOCH, now), address, identity)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield Agent("bench", epoch=EPOCH, address=address, certificate_sha256=identity.sha256, bridge_key=KEY)
    server.stop()
    thread.join()


@contextmanager
def strangers(agent: Agent) -> Iterator[None]:
    host, _, port = str(agent.address).rpartition(":")
    with ExitStack() as held:
        for _ in range(STRANGERS):
            held.enter_context(socket.create_connection((host, int(port)), timeout=5))
        yield


def timed(bell: HttpsDoorbell, agent: Agent) -> float:
    """Seconds until it was heard, however often it had to be rung."""
    began = time.perf_counter()
    while not bell.ring(agent):
        pass
    return time.perf_counter() - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
