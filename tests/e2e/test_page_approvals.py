"""The agent asks before it runs a command: its owner allows or denies it, on whatever device, and OpenClaw obeys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.axe import violations
from tests.e2e.browser import COLD, PHONE, WARM, answers, say
from tests.e2e.cloud import Cloud
from tests.e2e.page import Page as Client
from tests.e2e.product import Product, wait_for
from tests.e2e.test_page_approval_cards import button, card

CHAT = re.compile(r"#/c/[0-9a-f-]{36}$")


@pytest.fixture(scope="module", autouse=True)
def guarded(product: Product) -> Iterator[None]:
    """Its agent asks first."""
    owner = Client(product.origin)
    owner.rest("PUT", "/settings", {"permissionMode": "guarded"})
    yield
    owner.rest("PUT", "/settings", {"permissionMode": "full"})


@pytest.fixture
def korean(browser: Browser) -> Iterator[Page]:
    """A phone in Korea."""
    context = browser.new_context(viewport=PHONE, locale="ko-KR", is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


def order(name: str) -> str:
    return f'Do it. [[tool=exec {{"command":"touch {name}"}}]] [[say=After.]]'


def made(product: Product, name: str) -> list[Path]:
    return list(product.state.rglob(name))


def asks_for(tab: Page, name: str) -> None:
    say(tab, order(name))
    expect(card(tab)).to_contain_text(f"touch {name}", timeout=COLD)
    expect(card(tab)).to_contain_text("until ")


def goes_on(tab: Page, line: str) -> None:
    expect(answers(tab).last).to_contain_text(line, timeout=WARM)
    expect(answers(tab).last.locator(".prose")).to_contain_text("After.", timeout=WARM)
    expect(answers(tab).last).to_contain_text(" tok", timeout=WARM)


def test_a_command_is_run_when_it_is_allowed_and_only_then(tab: Page, product: Product) -> None:
    asks_for(tab, "first.txt")
    assert made(product, "first.txt") == []
    button(tab, "Deny").click()
    goes_on(tab, "Denied")
    assert made(product, "first.txt") == []

    asks_for(tab, "second.txt")
    button(tab, "Allow once").click()
    goes_on(tab, "Allowed")
    assert len(made(product, "second.txt")) == 1
    assert made(product, "first.txt") == []


def reload(tab: Page, product: Product) -> None:
    tab.reload()


def lose_the_line(tab: Page, product: Product) -> None:
    with tab.expect_websocket() as renewed:
        Cloud.of(product).hang_up(product.origin)
    renewed.value.wait_for_event("framereceived")  # before that nothing can be decided, the page says so


@pytest.mark.parametrize("befalls", [reload, lose_the_line], ids=lambda each: each.__name__)
def test_a_card_outlives_what_befalls_the_page(
    tab: Page, product: Product, befalls: Callable[[Page, Product], None]
) -> None:
    name = f"{befalls.__name__}.txt"
    asks_for(tab, name)

    befalls(tab, product)

    expect(card(tab)).to_contain_text(f"touch {name}", timeout=WARM)
    button(tab, "Allow once").click()
    goes_on(tab, "Allowed")
    assert len(made(product, name)) == 1


def test_what_one_tab_decides_the_other_shows(tab: Page, context: BrowserContext, product: Product) -> None:
    asks_for(tab, "tabs.txt")
    expect(tab).to_have_url(CHAT)
    other = context.new_page()
    other.goto(tab.url)
    expect(card(other)).to_contain_text("touch tabs.txt", timeout=WARM)

    button(other, "Deny").click()

    goes_on(other, "Denied")
    goes_on(tab, "Denied")
    expect(card(tab)).to_have_count(0)
    assert made(product, "tabs.txt") == []


def test_it_is_decided_on_a_phone_in_korean(tab: Page, korean: Page, product: Product) -> None:
    asks_for(tab, "phone.txt")
    korean.goto(tab.url)
    expect(card(korean, "ko")).to_contain_text("touch phone.txt", timeout=WARM)
    assert korean.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(korean) == []

    button(korean, "한 번 허용").click()

    expect(korean.locator("article.agent summary").first).to_be_visible(timeout=WARM)
    goes_on(tab, "Allowed")
    assert len(made(product, "phone.txt")) == 1


def test_an_answer_that_is_stopped_leaves_nothing_to_allow(tab: Page, product: Product) -> None:
    asks_for(tab, "stopped.txt")
    tab.keyboard.press("Escape")

    expect(answers(tab).last).to_contain_text("Stopped", timeout=WARM)
    expect(card(tab)).to_have_count(0)
    assert made(product, "stopped.txt") == []


def test_the_choice_is_made_in_the_settings_and_counts_for_the_next_message(tab: Page, product: Product) -> None:
    owner = Client(product.origin)

    def choose(name: str, mode: str) -> None:
        button(tab, "Settings").click()
        group = tab.get_by_role("dialog").get_by_role("group", name="What the agent may do")
        group.get_by_role("radio", name=re.compile(name)).check()
        button(tab, "Close").click()
        expect(tab.get_by_role("dialog")).to_have_count(0)  # as long as it is there, what is written goes to it
        wait_for(lambda: owner.rest("GET", "/settings")["permissionMode"] == mode, f"the mode {mode}")

    choose("Everything", "full")
    try:
        say(tab, order("unasked.txt"))
        expect(answers(tab).last.locator(".prose")).to_contain_text("After.", timeout=COLD)
        assert len(made(product, "unasked.txt")) == 1
    finally:
        choose("Ask first", "guarded")

    asks_for(tab, "asked.txt")
    button(tab, "Deny").click()
    goes_on(tab, "Denied")
    assert made(product, "asked.txt") == []
