"""Links of an answer in a real browser: whose they are is seen, and none opens before its address was.

And the page's own walls there: one way to make markup, and none from a string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.axe import violations
from tests.e2e.browser import DESKTOP, PHONE, WARM, answers
from tests.e2e.product import Product
from tests.e2e.staged import Staged, question, reply

SAID = """[Your bank](https://evil.example/login?from=chat) and https://plain.example/a

[apple](https://\u0430\u0440\u0440\u04cf\u0435.com/) · [old](http://old.example/) · \
[in](https://good.example@evil.example/) · <https://bank@evil.example/>

[write](mailto:ada@evil.example?body=x)
"""
SINKS = {
    "innerHTML": "document.body.innerHTML = '<b>x</b>'",
    "outerHTML": "document.createElement('p').outerHTML = '<b>x</b>'; document.body.outerHTML = 'x'",
    "insertAdjacentHTML": "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "document.write": "document.write('<b>x</b>')",
    "srcdoc": "document.createElement('iframe').srcdoc = '<b>x</b>'",
    "a script's address": "document.createElement('script').src = 'https://evil.example/x.js'",
    "a script's text": "document.createElement('script').text = 'x'",
    "DOMParser": "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
    "a policy of another name": "trustedTypes.createPolicy('other', { createHTML: (text) => text })",
    "a default policy": "trustedTypes.createPolicy('default', { createHTML: (text) => text })",
    "the sanitiser's policy once more": "trustedTypes.createPolicy('dompurify', { createHTML: (text) => text })",
}


def opened(context: BrowserContext, product: Product) -> Page:
    context.route(
        re.compile(r"^https?://[^/]*(example|xn--80ak6aa92e\.com)/"), lambda route: route.fulfill(body="there")
    )
    staged = Staged(context.new_page(), product.origin, [question(1), reply(2, SAID)])
    tab = staged.open()
    expect(tab.locator("article .prose a").first).to_be_visible(timeout=WARM)
    return tab


@pytest.fixture
def tab(context: BrowserContext, product: Product) -> Page:
    return opened(context, product)


@pytest.fixture
def korean(browser: Browser, product: Product) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, locale="ko-KR", is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    yield opened(context, product)
    context.close()


def link(tab: Page, name: str) -> Locator:
    return tab.locator("article .prose").get_by_role("link", name=name, exact=True)


def test_whose_a_link_is_stands_beside_it_and_what_misleads_is_none(tab: Page) -> None:
    said = answers(tab).last.inner_text()
    assert "Your bank (evil.example) and https://plain.example/a\n" in said
    assert "apple (xn--80ak6aa92e.com)" in said
    assert "write (ada@evil.example)" in said
    assert "in (https://good.example@evil.example/) · https://bank@evil.example/" in said
    assert tab.locator("article .prose a").count() == 5


def test_a_link_opens_after_its_whole_address_was_seen(tab: Page, context: BrowserContext) -> None:
    link(tab, "Your bank").click()
    sheet = tab.get_by_role("dialog", name="Open this link?")
    expect(sheet).to_be_visible()
    expect(sheet).to_have_accessible_description(re.compile(r"evil\.example.*https://evil\.example/login\?from=chat"))
    assert len(context.pages) == 1
    with context.expect_page() as opening:
        sheet.get_by_role("link", name="Open", exact=True).click()
    assert opening.value.url == "https://evil.example/login?from=chat"
    assert opening.value.evaluate("window.opener === null && document.referrer === ''")
    opening.value.close()
    expect(sheet).to_be_hidden()


def test_the_middle_button_opens_nothing_unseen_either(tab: Page, context: BrowserContext) -> None:
    link(tab, "Your bank").click(button="middle")
    expect(tab.get_by_role("dialog")).to_contain_text("https://evil.example/login?from=chat")
    tab.wait_for_timeout(300)
    assert len(context.pages) == 1


def test_what_a_person_has_to_know_of_an_address_is_said(tab: Page) -> None:
    sheet = tab.get_by_role("dialog")
    link(tab, "old").click()
    expect(sheet).to_contain_text("Not encrypted")
    sheet.get_by_role("button", name="Cancel").click()
    link(tab, "apple").click()
    expect(sheet).to_contain_text("letters that can look like others")
    expect(sheet).to_contain_text("https://xn--80ak6aa92e.com/")
    expect(sheet).not_to_contain_text("Not encrypted")
    sheet.get_by_role("button", name="Cancel").click()
    link(tab, "write").click()
    expect(tab.get_by_role("dialog", name="Write to this address?")).to_contain_text("mailto:ada@evil.example?body=x")
    expect(sheet.get_by_role("checkbox")).to_have_count(0)


def test_the_sheet_is_used_by_keys_alone_and_gives_the_focus_back(tab: Page, context: BrowserContext) -> None:
    link(tab, "Your bank").focus()
    tab.keyboard.press("Enter")
    sheet = tab.get_by_role("dialog")
    expect(sheet.get_by_role("heading")).to_be_focused()
    tab.keyboard.press("Enter")  # held too long, it opens nothing
    assert len(context.pages) == 1
    for role, name in (("checkbox", "Do not ask again for evil.example"), ("link", "Open"), ("button", "Copy")):
        tab.keyboard.press("Tab")
        expect(sheet.get_by_role(role, name=name)).to_be_focused()  # type: ignore[arg-type]
    tab.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(link(tab, "Your bank")).to_be_focused()


def test_the_address_is_copied_whole(tab: Page, context: BrowserContext, product: Product) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=product.origin)
    link(tab, "apple").click()
    tab.get_by_role("dialog").get_by_role("button", name="Copy").click()
    expect(tab.get_by_role("dialog").get_by_role("button", name="Copied")).to_be_visible()
    assert tab.evaluate("navigator.clipboard.readText()") == "https://xn--80ak6aa92e.com/"


def test_a_site_that_was_allowed_opens_at_once_until_the_person_takes_that_back(
    tab: Page, context: BrowserContext
) -> None:
    link(tab, "Your bank").click()
    tab.get_by_label("Do not ask again for evil.example").check()
    with context.expect_page() as opening:
        tab.get_by_role("dialog").get_by_role("link", name="Open", exact=True).click()
    opening.value.close()
    tab.reload()
    with context.expect_page() as opening:
        link(tab, "Your bank").click()
    opening.value.close()
    link(tab, "old").click()
    tab.get_by_role("dialog").get_by_role("button", name="Cancel").click()

    tab.get_by_role("button", name="Settings", exact=True).click()
    tab.get_by_role("button", name="Ask again").click()
    tab.keyboard.press("Escape")
    link(tab, "Your bank").click()
    expect(tab.get_by_role("dialog", name="Open this link?")).to_be_visible()


def test_the_sheet_fits_a_phone_in_korean(korean: Page) -> None:
    link(korean, "old").tap()
    sheet = korean.get_by_role("dialog", name="이 링크를 열까요?")
    expect(sheet).to_contain_text("암호화되지 않은")
    box = sheet.bounding_box()
    assert box and box["x"] == 0 and box["width"] == PHONE["width"]
    assert box["y"] + box["height"] == pytest.approx(PHONE["height"], abs=1)
    for name in ("열기", "복사", "취소"):
        way = sheet.get_by_text(name, exact=True).bounding_box()
        assert way and way["height"] >= 44, name
    assert korean.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert violations(korean) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sheet_is_for_everybody(browser: Browser, product: Product, theme: str) -> None:
    context = browser.new_context(viewport=DESKTOP, locale="en-US", color_scheme=theme)  # type: ignore[arg-type]
    tab = opened(context, product)
    assert violations(tab) == []
    link(tab, "old").click()
    expect(tab.get_by_role("dialog")).to_be_visible()
    assert violations(tab) == []
    context.close()


@pytest.mark.parametrize("sink", SINKS)
def test_a_string_makes_no_markup_and_no_script(tab: Page, sink: str) -> None:
    tried = f"() => {{ try {{ {SINKS[sink]} }} catch (error) {{ return error.name }} return 'done' }}"
    assert tab.evaluate(tried) == "TypeError"


def test_the_browser_complains_of_nothing_in_the_headers(context: BrowserContext, product: Product) -> None:
    said: list[str] = []
    tab = context.new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(product.origin)
    expect(tab.get_by_role("textbox", name="Message", exact=True)).to_be_visible(timeout=WARM)
    assert [words for words in said if re.search(r"[Pp]olicy|trusted|[Uu]nrecognized", words)] == []
