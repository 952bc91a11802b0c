"""The page with a long conversation, in a real Chromium: coming back to it, what was said earlier, a long paste.

Run it as `python -m bench.page [rounds]`. The conversation is the bench's own, so no agent has to wake for it.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, expect

from bench.report import milliseconds, verdict
from tests.e2e.browser import DESKTOP, WARM, answers, chromium, composer
from tests.e2e.product import Product
from tests.e2e.staged import Staged, question, reply

MESSAGES = 500
LINES = 20_000
ANSWER = """Answer {at}, with **bold** words, a list and code.

- one, with `code`
- two, with https://example.com/{at}

```python
print({at})
```

| a | b |
|---|---|
| {at} | two |
"""
FRAME = "new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))"
SWITCH = f"""async (hash) => {{
  const began = performance.now();
  location.hash = hash;
  do await {FRAME}; while (!document.querySelector(hash ? ".turn" : ".empty"));
  return (await {FRAME}) - began;
}}"""
PASTE = f"""async (lines) => {{
  const text = Array.from({{ length: lines }}, (_, at) => `2026-01-01 12:00:00 line ${{at}} of a log`).join("\\n");
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const paste = new ClipboardEvent("paste", {{ clipboardData, bubbles: true, cancelable: true }});
  document.querySelector(".pasted .icon-button")?.click();
  await {FRAME};
  const began = performance.now();
  document.querySelector("textarea").dispatchEvent(paste);
  do await {FRAME}; while (!document.querySelector(".pasted"));
  return performance.now() - began;
}}"""


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder), LOG_LEVEL="WARNING").start()
        try:
            with _opened(product) as (staged, tab):
                earlier(tab)
                coming_back(staged, tab, rounds)
                pasting(tab, rounds)
        finally:
            product.stop()


def earlier(tab: Page) -> None:
    """How far what one reads moves while older messages come in above it."""
    moved = tab.evaluate(
        """async (wanted) => {
          const box = document.querySelector(".thread");
          const moves = [];
          for (let step = 0; step < 400 && box.querySelectorAll(".turn").length < wanted; step++) {
            box.scrollBy(0, -600);
            await new Promise(requestAnimationFrame);
            const seen = [...box.querySelectorAll(".turn")].find((one) => one.getBoundingClientRect().bottom > 60);
            const before = seen.getBoundingClientRect().top;
            for (let frame = 0; frame < 6; frame++) await new Promise(requestAnimationFrame);
            moves.push(Math.abs(seen.getBoundingClientRect().top - before));
          }
          return { most: Math.max(...moves), turns: box.querySelectorAll(".turn").length, n: moves.length };
        }""",
        MESSAGES // 2,
    )
    print(f"scrolled through {moved['turns'] * 2} messages in {moved['n']} steps")
    verdict("what is read moves by at most", moved["most"], 2, "px")


def coming_back(staged: Staged, tab: Page, rounds: int) -> None:
    took = []
    for _ in range(rounds):
        tab.evaluate(SWITCH, "")
        took.append(tab.evaluate(SWITCH, f"#/c/{staged.id}") / 1000)
    milliseconds(f"coming back to {MESSAGES} messages", took)
    verdict("coming back, median", median(took) * 1000, 150, "ms")


def pasting(tab: Page, rounds: int) -> None:
    took = [tab.evaluate(PASTE, LINES) / 1000 for _ in range(rounds)]
    milliseconds(f"pasting {LINES} lines", took)
    verdict("pasting, median", median(took) * 1000, 200, "ms")


@contextmanager
def _opened(product: Product) -> Iterator[tuple[Staged, Page]]:
    with chromium() as browser:
        tab = browser.new_context(viewport=DESKTOP, locale="en-US").new_page()  # type: ignore[arg-type]
        pairs = ((question(at, f"Question {at}"), reply(at + 1, ANSWER.format(at=at))) for at in range(1, MESSAGES, 2))
        staged = Staged(tab, product.origin, [entry for pair in pairs for entry in pair], page_size=50)
        staged.open()
        expect(answers(tab).last).to_contain_text(re.compile("Answer 499"), timeout=WARM)
        expect(composer(tab)).to_be_visible()
        yield staged, tab


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
