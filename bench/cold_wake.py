"""A cold wake by stage: from the first message of a sleeping agent to the first word.

Run it as `python -m bench.cold_wake [starts]`. The first start also fills OpenClaw's caches; it is shown apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
import uuid
from pathlib import Path

from bench.report import milliseconds
from tests.e2e.page import Page
from tests.e2e.product import Product, wait_for

STAGES = ("queued", "container", "gateway", "workspace", "ready", "first word")
Start = dict[str, float]


def main(starts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), LOG_LEVEL="WARNING").start()
        try:
            measured = [_wake(product) for _ in range(starts + 1)]
        finally:
            product.stop()
    print("seconds from the message: " + "   ".join(f"{name} {at:.2f}" for name, at in measured[0].items()))
    for stage in STAGES:
        milliseconds(f"{stage} after the message", [start[stage] for start in measured[1:]])


def _wake(product: Product) -> Start:
    page = Page(product.origin).open()
    began = time.monotonic()
    turn = page.send("hello [[n=3]]", str(uuid.uuid4()))
    first = page.first_word(turn, 180)["_at"] - began
    page.answer(turn, 60)
    statuses = [frame for frame in page.frames if frame["type"] == "status"]
    stages = {frame["stage"]: frame["_at"] - began for frame in reversed(statuses) if "stage" in frame}
    wait_for(lambda: page.rest("GET", "/status")["pending"] == 0, "rest")
    page.rest("POST", "/agent/stop")
    wait_for(lambda: page.rest("GET", "/status")["status"] == "idle" and not product.agent_pid(), "sleep", 60)
    page.close()
    return {name: {**stages, "first word": first}[name] for name in STAGES}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
