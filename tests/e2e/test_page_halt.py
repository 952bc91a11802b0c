"""The kill switch in the page, with a real agent: it stops, what is written is kept, and it is answered afterwards."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.browser import WARM, answers, composer, say
from tests.e2e.cloud import Cloud
from tests.e2e.product import Product, wait_for

COLD = 120_000  # ms


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("button", name="Close", exact=True).click()


def test_what_is_written_behind_the_switch_is_answered_when_it_is_lifted(
    context: BrowserContext, hurt: Product
) -> None:
    cloud = Cloud.of(hurt)
    page = context.new_page()
    page.goto(hurt.origin)
    expect(composer(page)).to_be_visible(timeout=WARM)
    say(page, "before")
    expect(answers(page)).to_have_count(1, timeout=COLD)

    press(page, "Stop everything")

    expect(page.get_by_text("You have stopped everything.")).to_be_visible(timeout=WARM)
    wait_for(lambda: hurt.agent_pid() is None, "the agent has ended", 60)
    say(page, "behind the switch")
    wait_for(lambda: cloud.agent().pending == 1, "the message is kept")
    page.wait_for_timeout(4_000)  # four sweeps, each of which would have started it
    assert (hurt.agent_pid(), cloud.agent().pending) == (None, 1)

    press(page, "Let it work again")

    expect(answers(page)).to_have_count(2, timeout=COLD)
    expect(page.get_by_text("You have stopped everything.")).to_have_count(0)
