"""The first word after a silence: the running product, against a bare gateway that nobody keeps warm.

Run it as `python -m bench.silence [rounds] [--silence seconds]`. In a round both are silent for that long at once; then
each is asked, the first of them in turn, and asked again right away: that is how quick it is when it is warm, and the
measure on a machine where other programs run. The processor's time says what the silence cost.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.bare import BareGateway
from bench.first_word import SHORT, through_the_page
from bench.report import milliseconds, processor_time, verdict
from tests.e2e.gateway.harness import TOKEN, OpenClaw, wait_for
from tests.e2e.page import Page
from tests.e2e.product import Product

WARM_UPS = 5
REST = 2.0  # seconds before the second question: what the first one left to do must not count in it


@dataclass
class Asked:
    """One of the two, and what was measured of it, in seconds."""

    ask: Callable[[], float]
    pid: Callable[[], int]
    after: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)  # of the processor, in a minute of silence


def main(rounds: int, silence: float) -> None:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        openclaw = OpenClaw(Path(folder))
        stack.callback(openclaw.stop)
        product = Product(Path(folder) / "product", LOG_LEVEL="WARNING", INACTIVITY_TIMEOUT_MINUTES="60").start()
        stack.callback(product.stop)
        page = Page(product.origin).open()
        stack.callback(page.close)
        wait_for(lambda: openclaw.report()["state"] == "running")
        talk = str(uuid.uuid4())
        page.answer(page.send(SHORT, talk), 120)
        asked = {
            "ours": Asked(lambda: through_the_page(page, talk, SHORT), lambda: product.agent_pid() or 0),
            "bare": Asked(lambda: _ask_bare(openclaw, talk), lambda: int(openclaw.report()["pid"])),
        }
        measure(asked, rounds, silence)
    show(asked, rounds, silence)


def _ask_bare(openclaw: OpenClaw, talk: str) -> float:
    with BareGateway(openclaw.port, TOKEN) as gateway:
        return gateway.turn(talk, SHORT)[0]


def measure(asked: dict[str, Asked], rounds: int, silence: float) -> None:
    for one in list(asked.values()) * WARM_UPS:
        one.ask()
    for number in range(rounds):
        time.sleep(REST)
        before = {name: processor_time(one.pid()) for name, one in asked.items()}
        time.sleep(silence)
        for name, one in asked.items():
            one.used.append((processor_time(one.pid()) - before[name]) * 60 / silence)
        for name in sorted(asked, reverse=number % 2 == 0):
            asked[name].after.append(asked[name].ask())
            time.sleep(REST)
            asked[name].again.append(asked[name].ask())


def show(asked: dict[str, Asked], rounds: int, silence: float) -> None:
    for name, one in asked.items():
        milliseconds(f"first word after {silence:.0f} s of silence, {name}", one.after)
        milliseconds(f"and right after that, {name}", one.again)
        print(f"{'processor, a minute of silence, ' + name:<46} median {median(one.used):8.2f} s    n={rounds}")
        print(f"{'ratio of the medians, ' + name:<46} {median(one.after) / median(one.again):.2f}")
    ours, bare = median(asked["ours"].after), median(asked["bare"].after)
    verdict(f"first word after {silence:.0f} s, median", ours, 0.4, "s")
    print(f"of the bare gateway's {ours / bare:.2f}, n={rounds}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", type=int, nargs="?", default=3)
    parser.add_argument("--silence", type=float, default=300)
    chosen = parser.parse_args()
    main(chosen.rounds, chosen.silence)
