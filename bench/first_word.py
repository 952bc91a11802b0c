"""Warm first word and streaming: page to OpenClaw and back, against a bare `chat.send` to the same gateway.

Run it as `python -m bench.first_word [turns]`. Turns alternate, so that whatever else the machine does meets both.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.bare import BareGateway
from bench.report import milliseconds, p95, verdict
from tests.e2e.page import Page
from tests.e2e.product import Product

WARM_UPS = 5
REST = 0.5  # seconds before each turn: OpenClaw and we have work to do after one, which must not count in the next
SLOW = 0.08  # seconds over the median
SHORT = "hello [[n=8]]"
FAST = "stream [[n=1500]] [[delay=0.002]]"  # 500 tokens a second for three seconds


@dataclass(frozen=True)
class Turn:
    whose: str
    took: float  # seconds
    ended: float = field(default_factory=time.time)


def main(turns: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), LOG_LEVEL="INFO").start()
        try:
            page = Page(product.origin).open()
            page.answer(page.send(SHORT, str(uuid.uuid4())), 120)
            with BareGateway.of(product.state) as bare:
                found = first_word(page, bare, turns)
                compare(found)
                explain(found, product.state)
                streaming(page, bare, max(3, turns // 10))
            page.close()
        finally:
            product.stop()


def first_word(page: Page, bare: BareGateway, turns: int) -> list[Turn]:
    """All that were measured, in order."""
    talk, bare_talk = str(uuid.uuid4()), str(uuid.uuid4())
    found: list[Turn] = []
    for _ in range(WARM_UPS + turns):
        time.sleep(REST)
        found.append(Turn("ours", through_the_page(page, talk, SHORT)))
        time.sleep(REST)
        found.append(Turn("bare", bare.turn(bare_talk, SHORT)[0]))
    return found[2 * WARM_UPS :]


def compare(turns: Sequence[Turn]) -> None:
    ours, theirs = ([turn.took for turn in turns if turn.whose == whose] for whose in ("ours", "bare"))
    added = [one - other for one, other in zip(sorted(ours), sorted(theirs), strict=True)]
    milliseconds("first word, page to page", ours)
    milliseconds("first word, bare chat.send", theirs)
    verdict("added to the first word, median", median(added) * 1000, 40, "ms")
    verdict("added to the first word, 95 %", (p95(ours) - p95(theirs)) * 1000, 80, "ms")
    ratio = median(ours) / median(theirs)
    print(f"ratio of the medians {ratio:.2f}, n={len(ours)}, load {os.getloadavg()[0]:.1f}")


def explain(turns: Sequence[Turn], state: Path) -> None:
    """The slow ones: when in a minute, for some things OpenClaw does once in each, and what the bridge did."""
    (log,) = (state / "logs" / "tasks").glob("*-bridge.log")
    lines = [line for line in log.read_text().splitlines() if line[:4].isdecimal() and "message=" not in line]
    for turn in turns:
        if turn.took <= SLOW + median(other.took for other in turns if other.whose == turn.whose):
            continue
        print(f"slow: {turn.whose} {turn.took * 1000:.0f} ms, second {turn.ended % 60:.0f} of a minute")
        for line in lines:
            at = datetime.fromisoformat(line.split()[0].rstrip("Z")).replace(tzinfo=UTC).timestamp()
            if turn.ended - turn.took - 1 < at < turn.ended:
                print(f"      {at - turn.ended + turn.took:+.2f} s {line[:110]}")


def streaming(page: Page, bare: BareGateway, turns: int) -> None:
    """How far the last word lags behind OpenClaw's, and how many pushes a second that takes."""
    lags, rates = [], []
    for _ in range(turns):
        bare_end = bare.turn(str(uuid.uuid4()), FAST)[1]
        began = time.monotonic()
        turn = page.send(FAST, str(uuid.uuid4()))
        page.answer(turn, 60)
        chunks = [each for each in page.frames if each["type"] == "stream_chunk" and each["turn"] == turn]
        lags.append(chunks[-1]["_at"] - began - bare_end)
        rates.append(len(chunks) / (chunks[-1]["_at"] - chunks[0]["_at"]))
    milliseconds("last word behind a bare turn's end", lags)
    verdict("last word behind OpenClaw's, median", median(lags) * 1000, 150, "ms")
    verdict("pushes a second and page, median", median(rates), 10, "/s")


def through_the_page(page: Page, talk: str, text: str) -> float:
    began = time.monotonic()
    turn = page.send(text, talk)
    first: float = page.first_word(turn, 30)["_at"]
    page.ended(turn, 30)
    return first - began


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
