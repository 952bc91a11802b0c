"""The page in a real browser, with the real OpenClaw behind it."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.browser import COLD, DESKTOP, PHONE, WARM, answers, composer, questions, say
from tests.e2e.product import Product, wait_for

STORES_NOTHING = "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError') }"


def test_a_visitor_is_signed_in_types_and_is_answered(tab: Page) -> None:
    say(tab, "Hello from a browser")

    expect(answers(tab).last).to_contain_text("Hello from a browser", timeout=COLD)
    expect(questions(tab).last).to_contain_text("Hello from a browser")
    expect(composer(tab)).to_have_value("")


def test_a_reload_in_mid_answer_resumes_it(tab: Page) -> None:
    say(tab, "A long one [[n=150]] [[delay=0.05]]")
    expect(answers(tab).last).to_contain_text("w20", timeout=COLD)

    tab.reload()

    expect(answers(tab).last).to_contain_text("w149.", timeout=WARM)
    expect(answers(tab).last).to_contain_text(re.compile(r"w0 w1 w2 .* w147 w148 w149\."))
    assert answers(tab).count() == 1


def test_stop_keeps_what_was_there(tab: Page) -> None:
    say(tab, "Endless [[n=3000]] [[delay=0.05]]")
    expect(answers(tab).last).to_contain_text("w5", timeout=COLD)

    tab.get_by_role("button", name="Stop").click()

    expect(tab.get_by_role("button", name="Stop")).to_be_hidden(timeout=WARM)
    expect(answers(tab).last).to_contain_text("w5")
    say(tab, "And on")
    expect(answers(tab).last).to_contain_text("And on", timeout=WARM)


def test_two_tabs_agree(tab: Page, context: BrowserContext) -> None:
    say(tab, "Seen in both")
    expect(answers(tab).last).to_contain_text("Seen in both", timeout=COLD)
    other = context.new_page()
    other.goto(tab.url)
    expect(answers(other).last).to_contain_text("Seen in both", timeout=WARM)

    say(tab, "And this one too [[n=30]]")

    expect(answers(other).last).to_contain_text("w29.", timeout=WARM)
    for each in (tab, other):
        expect(questions(each)).to_have_count(2, timeout=WARM)


def test_a_message_sent_without_a_network_is_sent_later(tab: Page, context: BrowserContext) -> None:
    say(tab, "First")
    expect(answers(tab).last).to_contain_text("First", timeout=COLD)
    context.set_offline(True)
    say(tab, "Written in a tunnel")
    expect(questions(tab).last).to_contain_text("Written in a tunnel")
    tab.wait_for_timeout(300)

    context.set_offline(False)

    expect(answers(tab).last).to_contain_text("Written in a tunnel", timeout=WARM)
    expect(questions(tab)).to_have_count(2, timeout=WARM)


def test_a_failing_provider_is_told_as_a_notice(tab: Page) -> None:
    say(tab, "please [[err=401]]")

    expect(tab.get_by_role("article", name="Notice").last).to_contain_text("key", timeout=COLD)
    assert answers(tab).count() == 0


def test_conversations_are_listed_and_can_be_renamed_and_deleted(tab: Page) -> None:
    say(tab, "A conversation about badgers")
    expect(answers(tab).last).to_contain_text("badgers", timeout=COLD)
    listed = tab.get_by_role("navigation").get_by_text("A conversation about badgers")
    expect(listed).to_be_visible(timeout=WARM)


def test_a_phone_shows_it_all_without_scrolling_sideways(browser: Browser, product: Product) -> None:
    context = browser.new_context(viewport=PHONE, locale="en-US", has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(product.origin)
    expect(composer(tab)).to_be_visible(timeout=WARM)

    say(tab, "From a phone: " + "w" * 200)

    expect(answers(tab).last).to_contain_text("From a phone", timeout=COLD)
    assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


def test_a_korean_browser_speaks_korean(browser: Browser, product: Product) -> None:
    context = browser.new_context(viewport=DESKTOP, locale="ko-KR")  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(product.origin)

    expect(tab.get_by_role("textbox", name="메시지")).to_be_visible(timeout=WARM)
    assert tab.evaluate("document.documentElement.lang") == "ko"
    context.close()


def test_a_browser_that_stores_nothing_more_says_so_and_sends_all_the_same(tab: Page) -> None:
    say(tab, "Still storing [[err=429]]")
    retry = tab.get_by_role("button", name="Retry").last
    expect(retry).to_be_visible(timeout=COLD)
    tab.evaluate(f"() => {{ {STORES_NOTHING} }}")
    toast = tab.get_by_text("storage is not working")

    say(tab, "Not stored anywhere")

    expect(toast).to_be_visible(timeout=WARM)
    expect(answers(tab).last).to_contain_text("Not stored anywhere", timeout=WARM)
    tab.get_by_role("button", name="Close").last.click()
    expect(toast).to_be_hidden()

    retry.click()

    expect(toast).to_be_visible(timeout=WARM)
    expect(questions(tab)).to_have_count(3, timeout=WARM)
    expect(questions(tab).last).to_be_in_viewport()


def test_a_long_paste_becomes_a_file_that_reaches_the_model_and_stays_with_the_message(
    tab: Page, product: Product
) -> None:
    log = "\n".join(f"{number:05d} 오류: 연결이 끊어졌습니다." for number in range(20_000))[:130_000]
    composer(tab).fill("What is wrong here? [[n=11]]")
    paste(tab, log)

    chip = tab.get_by_role("listitem").filter(has_text="pasted.txt")
    expect(chip.get_by_role("status")).to_have_text("Uploaded", timeout=WARM)
    expect(composer(tab)).to_have_value("What is wrong here? [[n=11]]")
    composer(tab).press("Enter")

    expect(answers(tab).last).to_contain_text("w10.", timeout=2 * COLD)
    wait_for(lambda: product.prompt(log), "the log in the model's prompt")
    expect(questions(tab).last).to_contain_text("pasted.txt")
    tab.reload()
    expect(questions(tab).last).to_contain_text("pasted.txt", timeout=WARM)


def test_a_file_can_be_taken_out_again_survives_a_reload_and_may_not_be_too_long(tab: Page) -> None:
    paste(tab, "긴 글 " * 5_000)
    chip = tab.get_by_role("listitem").filter(has_text="pasted.txt")
    expect(chip.get_by_role("status")).to_have_text("Uploaded", timeout=WARM)
    tab.reload()
    expect(chip.get_by_role("status")).to_have_text("Uploaded", timeout=WARM)
    chip.get_by_role("button", name="Remove pasted.txt").click()
    expect(chip).to_be_hidden()

    paste(tab, "x" * 500_000)

    expect(tab.get_by_role("alert")).to_contain_text("more than 400 KB")
    expect(chip).to_be_hidden()


def paste(tab: Page, text: str) -> None:
    composer(tab).evaluate(
        """(field, text) => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )
