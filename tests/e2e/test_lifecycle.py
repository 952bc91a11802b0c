"""Waking, sleeping, dying and coming back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.page import Page
from tests.e2e.product import Product, wait_for

COLD = 120.0


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Product]:
    """A product of the test's own, asleep after a few seconds without a message."""
    product = Product(tmp_path, INACTIVITY_TIMEOUT_MINUTES="0.1", WATCHDOG_SECONDS="1").start()
    yield product
    product.stop()


@pytest.mark.soak
def test_it_wakes_falls_asleep_and_remembers(own: Product, conversation: str) -> None:
    page = Page(own.origin).open()
    first = page.send("good morning [[n=2]]", conversation)
    page.acked(first)
    during = page.send("sent while it wakes [[n=2]]", conversation)
    page.answer(first, COLD)
    page.answer(during)
    stages = [frame.get("stage") for frame in page.frames if frame["type"] == "status"]
    assert [stage for stage in ("queued", "container", "gateway", "ready") if stage not in stages] == []

    page.wait(lambda frame: frame["type"] == "status" and frame["status"] == "idle", "sleep", 60)
    wait_for(lambda: own.agent_pid() is None, "the end of OpenClaw")

    again = page.send("good evening [[n=2]]", conversation)
    page.answer(again, COLD)
    assert own.remembered() == 3
    estimates = [frame["eta"]["p50"] for frame in page.frames if frame["type"] == "status" and "eta" in frame]
    assert estimates and min(estimates) > 0, "the second start should know how long the first one took"
    page.close()


@pytest.mark.soak
def test_the_owner_can_put_it_to_sleep_and_wake_it(product: Product, page: Page) -> None:
    page.answer(page.send("hello [[n=2]]", str(uuid.uuid4())), COLD)

    wait_for(Cloud.of(product).settled, "rest")
    page.rest("POST", "/agent/stop")

    wait_for(lambda: page.rest("GET", "/status")["status"] == "idle", "sleep", 60)
    page.rest("POST", "/agent/start")
    wait_for(lambda: page.rest("GET", "/status")["status"] == "running", "waking", COLD)


def test_a_restart_of_everything_keeps_the_conversation(product: Product, conversation: str) -> None:
    """The last test: whoever shares the product goes on with it started again."""
    page = Page(product.origin).open()
    page.answer(page.send("before the restart [[n=2]]", conversation), COLD)
    kept = len(page.rest("GET", "/backups")["backups"])
    page.rest("POST", "/backups")  # the last one may not fit into the seconds of an end of everything
    wait_for(lambda: len(page.rest("GET", "/backups")["backups"]) > kept, "a backup of it", 60)
    running = page.send("cut off by the restart [[n=60]] [[delay=0.1]]", conversation)
    page.first_word(running, COLD)
    seconds, code = product.stop(), product.process.returncode
    product.start()
    assert seconds < 10
    assert code == 0

    page = Page(product.origin).open()
    page.rest("POST", "/agent/start")
    wait_for(lambda: len(page.history(conversation)) == 4, "the interrupted answer", COLD)
    page.answer(page.send("after the restart [[n=2]]", conversation), COLD)
    assert product.remembered() == 3
    page.close()
