"""Looking for what was said: from the side, in every conversation, to the very message."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from chalicelib.domain.conversation import Conversation, Entry
from chalicelib.tables.conversations import Conversations, put_entry
from local.names import OWNER
from tests.e2e.axe import violations
from tests.e2e.browser import PHONE, WARM
from tests.e2e.cloud import Cloud
from tests.e2e.product import Product

TURNS = 100  # of a conversation whose beginning is four pages back
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TIDES, JEJU = str(uuid.uuid4()), str(uuid.uuid4())


@pytest.fixture(scope="module")
def talks(product: Product) -> None:
    store = Cloud.of(product).store
    for talk, title, said in ((TIDES, "Tides", spoken()), (JEJU, "제주도 여행", korean())):
        entries = list(said)
        Conversations(store).ensure(OWNER, Conversation(talk, title, len(entries), entries[-1][2]))
        for seq, (role, text, at) in enumerate(entries, start=1):
            store.write(put_entry(OWNER, Entry(f"{talk}{seq}", talk, seq, role, text, at)))  # type: ignore[arg-type]


def spoken() -> Iterator[tuple[str, str, datetime]]:
    for number in range(TURNS):
        at = NOON + timedelta(minutes=number)
        yield "user", f"Question {number}", at
        yield (
            "agent",
            f"Answer {number}. {'When the *Tangerine* moon is full. Word-for-word. ' if number == 2 else ''}"
            + "Words. " * 40,
            at,
        )


def korean() -> Iterator[tuple[str, str, datetime]]:
    yield "user", "한라산은 얼마나 높아?", NOON + timedelta(days=1)
    yield "agent", "한라산의 높이는 1,947미터입니다.", NOON + timedelta(days=1)


@pytest.fixture
def tab(blank: Page, product: Product, talks: None) -> Page:
    blank.goto(product.origin)
    expect(blank.get_by_role("searchbox", name="Search everything that was said")).to_be_visible(timeout=WARM)
    return blank


def go_to_the_field(tab: Page) -> None:
    """A key is heard once the page is drawn, which a test may be quicker than."""
    for _ in range(20):
        tab.keyboard.press("Control+k")
        with suppress(AssertionError):
            return expect(tab.get_by_role("searchbox")).to_be_focused(timeout=500)
    raise AssertionError("Ctrl+K leads nowhere")


def test_a_word_of_long_ago_leads_to_its_message(tab: Page) -> None:
    tab.get_by_role("searchbox").fill("moon tangerine")
    side = tab.get_by_role("navigation", name="Conversations")
    hit = side.get_by_role("link")
    expect(hit).to_have_count(1, timeout=WARM)
    expect(hit.locator("mark")).to_have_text(["Tangerine", "moon"])
    expect(side.get_by_role("status")).to_have_text("1 found")

    hit.click()

    message = tab.locator("article.agent[data-seq='6']")
    expect(message).to_be_focused(timeout=WARM)
    expect(message).to_be_in_viewport()
    expect(message.locator("em")).to_have_text("Tangerine")
    assert tab.url.endswith(TIDES)
    tab.wait_for_timeout(1000)
    expect(message).to_be_in_viewport()  # what is drawn above it later does not push it away


def test_it_goes_by_keyboard_and_escape_ends_it(tab: Page) -> None:
    go_to_the_field(tab)
    tab.keyboard.type("nothing of that kind")
    side = tab.get_by_role("navigation", name="Conversations")
    expect(side.get_by_role("status")).to_have_text("Nothing was said with these words.", timeout=WARM)
    tab.keyboard.press("Escape")
    expect(side.get_by_role("link", name="Tides")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("searchbox")).not_to_be_focused()
    go_to_the_field(tab)
    tab.keyboard.type("question 7")
    expect(side.get_by_role("link").first).to_contain_text("Question 97", timeout=WARM)
    expect(side.get_by_role("button", name="Search further back")).to_have_count(0)  # 19 in all
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.locator("article.user[data-seq='195']")).to_be_focused(timeout=WARM)


def test_signs_of_any_kind_are_words(tab: Page) -> None:
    tab.get_by_role("searchbox").fill("2. tan-gerine")
    side = tab.get_by_role("navigation", name="Conversations")
    expect(side.get_by_role("status")).to_have_text("Nothing was said with these words.", timeout=WARM)
    tab.get_by_role("searchbox").fill("full. word-for-word")
    expect(side.locator("mark")).to_have_text(["full.", "Word-for-word"], timeout=WARM)


def test_more_than_one_answer_holds_comes_by_a_button(tab: Page) -> None:
    tab.get_by_role("searchbox").fill("words answer")
    side = tab.get_by_role("navigation", name="Conversations")
    expect(side.get_by_role("link")).to_have_count(20, timeout=WARM)
    side.get_by_role("button", name="Search further back").click()
    expect(side.get_by_role("link")).to_have_count(40, timeout=WARM)


def test_a_phone_in_korean(blank: Page, product: Product, talks: None) -> None:
    blank.add_init_script("localStorage.setItem('openclaw-language', 'ko')")
    blank.set_viewport_size(PHONE)  # type: ignore[arg-type]
    blank.goto(product.origin)
    expect(blank.get_by_role("button", name="대화 목록 열기")).to_be_visible(timeout=WARM)
    go_to_the_field(blank)
    expect(blank.get_by_role("searchbox", name="나눈 모든 대화에서 검색")).to_be_focused()
    blank.keyboard.type("한라산 높이")
    side = blank.get_by_role("navigation")
    expect(side.get_by_role("link")).to_have_count(1, timeout=WARM)
    expect(side.get_by_role("status")).to_have_text("1개 찾음")
    assert violations(blank) == []
    side.get_by_role("link").click()
    expect(blank.locator("article.agent[data-seq='2']")).to_be_focused(timeout=WARM)
    expect(blank.get_by_role("searchbox")).not_to_be_visible()
    assert violations(blank) == []
