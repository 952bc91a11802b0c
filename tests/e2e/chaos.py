"""`python -m tests.e2e.chaos --turns 200 --seed 1`: many messages while parts of the product are killed at random.

The kills come with the progress, one for about every four answers, so that a run of any length ends.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.e2e.cloud import Cloud
from tests.e2e.page import Page
from tests.e2e.processes import AWS, BRIDGE, kill, paused, running
from tests.e2e.product import Product, wait_for
from tests.e2e.verdict import Numbers, count_lines, judge

PATIENCE = 400.0  # seconds for one answer, through several deaths on a loaded machine
ACK_PATIENCE = 10.0  # then the page sends the same message again
TALKS = 4
EVERY = 4  # answers for one kill
PAUSE = 5.0  # seconds that AWS stands still


class Talk:
    """One conversation: sends its messages, mostly one after the other, sometimes all that it has to say."""

    def __init__(self, page: Page, number: int, count: int, chance: random.Random) -> None:
        self.id = f"00000000-0000-4000-8000-{number:012d}"
        self.page, self.number, self.count, self.chance = page, number, count, chance
        self.turns: list[str] = []
        self.problem: AssertionError | None = None
        self.thread = threading.Thread(target=self._run, name=f"talk {number}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            for number in range(self.count):
                turn = self._send(f"talk {self.number} message {number}")
                if self.chance.random() < 0.7:
                    self.page.ended(turn, PATIENCE)
            for turn in self.turns:
                self.page.ended(turn, PATIENCE)
        except AssertionError as error:
            self.problem = error

    def _send(self, text: str) -> str:
        words, delay = self.chance.randint(2, 60), self.chance.choice((0.0, 0.02, 0.05))
        first = self.chance.choice((0, 0, 0, 1))
        text = f"{text} [[n={words}]] [[delay={delay}]] [[ttft={first}]]"
        turn = self.page.send(text, self.id)
        self.turns.append(turn)
        while True:
            try:
                self.page.acked(turn, ACK_PATIENCE)
                return turn
            except AssertionError:
                self.page.send(text, self.id, id=turn)


class Tormentor:
    """Strikes at a random moment, whenever some more answers have come."""

    def __init__(self, product: Product, page: Page, chance: random.Random) -> None:
        self.product, self.page, self.chance = product, page, chance
        self.strikes: Counter[str] = Counter()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tormentor", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        faults: list[tuple[str, Callable[[], None]]] = [
            ("bridge killed", self._kill_bridge),
            ("openclaw killed", self._kill_openclaw),
            ("both killed", self._kill_both),
            ("bridge told to end", self._end_bridge),
            ("aws paused", self._pause_aws),
        ]
        due = 1
        while self._wait_answers(due):
            self._ended.wait(self.chance.random() * 1.5)
            name, strike = self.chance.choice(faults)
            strike()
            self.strikes[name] += 1
            due = len(self.page.ends) + self.chance.randint(1, 2 * EVERY - 1)

    def _wait_answers(self, count: int) -> bool:
        while len(self.page.ends) < count or self.product.agent_pid() is None:
            if self._ended.wait(0.1):
                return False
        return not self._ended.is_set()

    def _kill_bridge(self) -> None:
        for pid in running(self.product.process.pid, BRIDGE):
            kill(pid)

    def _kill_openclaw(self) -> None:
        if pid := self.product.agent_pid():
            kill(pid)

    def _kill_both(self) -> None:
        self._kill_openclaw()
        self._kill_bridge()

    def _end_bridge(self) -> None:
        for pid in running(self.product.process.pid, BRIDGE):
            os.kill(pid, signal.SIGTERM)

    def _pause_aws(self) -> None:
        (aws,) = running(self.product.process.pid, AWS)
        with paused(aws):
            self._ended.wait(PAUSE)


def torment(product: Product, turns: int, seed: int) -> Numbers:
    """The numbers of one run. Raises AssertionError when the promise was broken."""
    began, cloud = time.monotonic(), Cloud.of(product)
    epoch, retries = cloud.agent().epoch, count_retries(product)
    page = Page(product.origin).open()
    shares = [turns // TALKS + (number < turns % TALKS) for number in range(TALKS)]
    talks = [Talk(page, number, share, random.Random(f"{seed}/{number}")) for number, share in enumerate(shares)]
    tormentor = Tormentor(product, page, random.Random(seed))
    for talk in talks:
        talk.thread.join()
    tormentor.end()
    for talk in talks:
        if talk.problem:
            raise talk.problem
    wait_for(cloud.settled, "counters at zero", 60)
    numbers = judge(page, {talk.id: talk.turns for talk in talks}, product.model_requests())
    page.close()
    starts, retried = cloud.agent().epoch - epoch, count_retries(product) - retries
    return numbers.with_run(tormentor.strikes, retried, starts, time.monotonic() - began)


def count_retries(product: Product) -> int:
    return count_lines(product.state, "turn retried")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.chaos", description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, default=None, help="keep state and logs here")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # or the product would stay behind
    with tempfile.TemporaryDirectory() as folder:
        product = Product(chosen.state or Path(folder), WATCHDOG_SECONDS="1", BACKUP_SECONDS="5").start()
        try:
            sys.stdout.write(f"{torment(product, chosen.turns, chosen.seed)}\n")
        finally:
            product.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
