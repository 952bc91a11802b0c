"""What one does with a message that is there: copy it, and write it once more."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.browser import PHONE, WARM, answers, composer, questions
from tests.e2e.product import Product
from tests.e2e.staged import Staged, question, reply

ANSWER = "It is **bold**:\n\n```sh\nls -la\n```\n\n1. one\n2. *two*"
READ = """async () => {
  const [item] = await navigator.clipboard.read();
  const read = async (type) => (await item.getType(type)).text();
  return { text: await read("text/plain"), drawn: await read("text/html") };
}"""


@pytest.fixture
def tab(blank: Page, product: Product) -> Page:
    blank.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = Staged(blank, product.origin, [question(1, "What is\nthere?"), reply(2, ANSWER, durationMs=1200)]).open()
    expect(answers(tab)).to_have_count(1, timeout=WARM)
    return tab


def test_an_answer_is_copied_as_markdown_and_as_it_is_drawn(tab: Page) -> None:
    expect(answers(tab).locator("strong")).to_have_text("bold", timeout=WARM)
    answers(tab).get_by_role("button", name="Copy answer").click()

    expect(answers(tab).get_by_role("button", name="Copied")).to_be_focused()
    expect(answers(tab).get_by_role("status")).to_have_text("Copied")
    copied = tab.evaluate(READ)
    assert copied["text"] == ANSWER
    assert "<strong>bold</strong>" in copied["drawn"]
    assert "<em>two</em>" in copied["drawn"]
    assert "ls -la" in copied["drawn"]
    assert "Copy" not in copied["drawn"], "a button of the page is none of the answer"
    expect(answers(tab).get_by_role("button", name="Copy answer")).to_be_visible()


def test_a_message_of_ones_own_is_copied_and_written_once_more_by_keyboard(tab: Page) -> None:
    copy = questions(tab).get_by_role("button", name="Copy message")
    copy.focus()
    expect(questions(tab).locator(".actions")).to_have_css("opacity", "1")
    tab.keyboard.press("Enter")
    expect(questions(tab).get_by_role("button", name="Copied")).to_be_visible()
    assert tab.evaluate("navigator.clipboard.readText()") == "What is\nthere?"

    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")

    expect(composer(tab)).to_have_value("What is\nthere?")
    expect(composer(tab)).to_be_focused()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_browser_that_refuses_is_told_in_the_pages_language(blank: Page, product: Product, language: str) -> None:
    blank.add_init_script(f"localStorage.setItem('openclaw-language', '{language}')")
    blank.add_init_script("navigator.clipboard.write = async () => { throw new DOMException('', 'NotAllowedError'); }")
    blank.add_init_script("navigator.clipboard.writeText = navigator.clipboard.write")
    blank.set_viewport_size(PHONE)  # type: ignore[arg-type]
    tab = Staged(blank, product.origin, [question(1), reply(2, ANSWER)]).open()
    answer = tab.locator("article.agent")
    answer.get_by_role("button", name={"en": "Copy answer", "ko": "답변 복사"}[language]).click()

    told = {"en": "does not let this page copy", "ko": "복사를 허용하지 않습니다"}[language]
    expect(tab.get_by_text(told)).to_be_visible()
    answer.locator("figcaption button").click()
    expect(answer.locator("figcaption button")).to_have_text({"en": "Not copied", "ko": "복사 안 됨"}[language])
    assert violations(tab) == []


def test_without_https_there_is_no_clipboard_and_that_is_told_too(blank: Page, product: Product) -> None:
    blank.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    tab = Staged(blank, product.origin, [question(1), reply(2, ANSWER)]).open()
    answers(tab).locator("figcaption button").click(timeout=WARM)
    expect(answers(tab).locator("figcaption button")).to_have_text("Not copied")
    answers(tab).get_by_role("button", name="Copy answer").click()
    expect(tab.get_by_text("does not let this page copy")).to_be_visible()


def test_what_is_not_drawn_yet_is_copied_as_it_was_written(blank: Page, product: Product) -> None:
    """Its lines would be one to whoever pastes what is drawn."""
    blank.context.grant_permissions(["clipboard-read", "clipboard-write"])
    blank.route("**/assets/prose-*.js", lambda route: route.abort())
    tab = Staged(blank, product.origin, [question(1), reply(2, ANSWER)]).open()
    answers(tab).get_by_role("button", name="Copy answer").click(timeout=WARM)
    expect(answers(tab).get_by_role("button", name="Copied")).to_be_visible()
    types = tab.evaluate("navigator.clipboard.read().then(([item]) => item.types)")
    assert types == ["text/plain"]
    assert tab.evaluate("navigator.clipboard.readText()") == ANSWER
