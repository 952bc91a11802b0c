"""Too much at once: the page keeps what was refused, says when it goes out again, and it is answered once."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from chalicelib.domain.limits import LIMITS, MESSAGES
from tests.e2e.browser import WARM, answers, composer, questions, say
from tests.e2e.product import Product

AGAIN = 150_000  # ms: two periods of a minute, and a start
ROOM = 20  # seconds: what it takes to say three things on a busy machine


def seconds_to_room(now: float) -> float:
    """Seconds until there is room for all of it in one period."""
    period = LIMITS[MESSAGES].period.total_seconds()
    left = period - now % period
    return left if left < ROOM else 0.0


@pytest.mark.soak
def test_what_is_refused_for_now_is_kept_and_answered_once(browser: Browser, tmp_path: Path) -> None:
    product = Product(tmp_path / "state", LIMITS="messages=2").start()
    context = browser.new_context(locale="en")
    try:
        page = context.new_page()
        page.goto(product.origin)
        expect(composer(page)).to_be_visible(timeout=WARM)
        time.sleep(seconds_to_room(time.time()))
        for words in ("one", "two", "three"):
            say(page, words)
        kept = page.get_by_text(re.compile("Kept here · too much at once, goes out again at"))
        expect(kept).to_be_visible(timeout=WARM)
        expect(questions(page)).to_have_count(3)

        expect(kept).to_have_count(0, timeout=AGAIN)
        expect(answers(page)).to_have_count(3, timeout=AGAIN)
        expect(page.get_by_text("Not sent")).to_have_count(0)
    finally:
        context.close()
        product.stop()
