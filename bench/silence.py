"""The first word after a silence: the running product, against a bare gateway that nobody keeps warm.

Run it as `python -m bench.silence [rounds] [--silence seconds]`. In a round both are silent for that long at once; then
each is asked, the first of them in turn, and asked again right away: that is how quick it is when it is warm.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from bench.bare import BareGateway
from bench.first_word import SHORT, through_the_page
from bench.report import milliseconds, verdict
from tests.e2e.gateway.harness import TOKEN, OpenClaw, wait_for
from tests.e2e.page import Page
from tests.e2e.product import Product

WARM_UPS = 5
Ask = Callable[[], float]


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
        measure(
            {"ours": lambda: through_the_page(page, talk, SHORT), "bare": _ask_bare(openclaw, talk)}, rounds, silence
        )


def _ask_bare(openclaw: OpenClaw, talk: str) -> Ask:
    def ask() -> float:
        with BareGateway(openclaw.port, TOKEN) as gateway:
            return gateway.turn(talk, SHORT)[0]

    return ask


def measure(asks: dict[str, Ask], rounds: int, silence: float) -> None:
    after: dict[str, list[float]] = {name: [] for name in asks}
    again: dict[str, list[float]] = {name: [] for name in asks}
    for ask in list(asks.values()) * WARM_UPS:
        ask()
    for number in range(rounds):
        time.sleep(silence)
        for name in sorted(asks, reverse=number % 2 == 0):
            after[name].append(asks[name]())
            again[name].append(asks[name]())
    for name in asks:
        milliseconds(f"first word after {silence:.0f} s of silence, {name}", after[name])
        milliseconds(f"and right after that, {name}", again[name])
    verdict(f"first word after {silence:.0f} s, median", median(after["ours"]), 0.4, "s")
    print(f"of the bare gateway's {median(after['ours']) / median(after['bare']):.2f}, n={rounds}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("rounds", type=int, nargs="?", default=5)
    parser.add_argument("--silence", type=float, default=75)
    chosen = parser.parse_args()
    main(chosen.rounds, chosen.silence)
