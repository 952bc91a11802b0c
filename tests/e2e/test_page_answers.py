"""What the page makes of answers: odd ones, halves, files, tools, and why there is none."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import WARM, answers, composer, questions
from tests.e2e.product import Product
from tests.e2e.staged import Staged, notice, question, reply

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NASTY = {
    "quotes": ">" * 10_000 + " deep",
    "emphasis": "_a" * 20_000,
    "lists": "\n".join("  " * depth + "- x" for depth in range(200)),
    "columns": "\n".join("|".join(["", *[cell] * 1000, ""]) for cell in ("a", "-", "b")),
    "brackets": "[" * 40_000,
    "tags": "<div>" * 8_000,
    "a line": "a" * 1_000_000,
    "ticks": "`a ``b " * 8_000,
}


@pytest.mark.parametrize("kind", NASTY)
def test_no_answer_keeps_its_conversation_from_being_opened(blank: Page, product: Product, kind: str) -> None:
    staged = Staged(
        blank, product.origin, [question(1), reply(2, NASTY[kind]), question(3), reply(4, "**Calm** again")]
    )
    tab = staged.open()
    expect(answers(tab).last.locator("strong")).to_have_text("Calm", timeout=WARM)

    tab.reload()

    expect(answers(tab).last.locator("strong")).to_have_text("Calm", timeout=WARM)
    assert answers(tab).count() == 2
    assert len(answers(tab).first.inner_text()) > 100
    began = tab.evaluate("performance.now()")
    composer(tab).fill("still here")
    assert tab.evaluate("performance.now()") - began < 5_000


def test_a_message_that_cannot_be_drawn_is_told_and_shown_plain(blank: Page, product: Product) -> None:
    broken = reply(2, "The *words* of it", createdAt="never")
    staged = Staged(blank, product.origin, [question(1), broken, question(3), reply(4, "The next one")])
    tab = staged.open()

    expect(answers(tab).last).to_contain_text("The next one", timeout=WARM)
    told = tab.get_by_role("article", name="Notice")
    expect(told).to_contain_text("could not be shown")
    told.get_by_role("button", name="Show as plain text").click()
    expect(told).to_contain_text("The *words* of it")


@pytest.mark.parametrize(
    ("reason", "words", "ways"),
    [
        ("length", "was cut off", ["Go on"]),
        ("declined", "declined", ["Edit"]),
        ("broken", "broke off", ["Retry", "Go on"]),
        ("of_tomorrow", "", []),
    ],
)
def test_an_answer_that_is_not_whole_says_so(
    blank: Page, product: Product, reason: str, words: str, ways: list[str]
) -> None:
    tab = Staged(blank, product.origin, [question(1), reply(2, "The text so far", stopReason=reason)]).open()

    expect(answers(tab).last).to_contain_text("The text so far", timeout=WARM)
    expect(answers(tab).last).to_contain_text(words)
    assert answers(tab).last.locator(".ending").get_by_role("button").all_inner_texts() == ways


def test_what_broke_an_answer_off_offers_what_it_advises_too(blank: Page, product: Product) -> None:
    why = {"stopReason": "broken", "errorKey": "model_auth.no_credit", "errorParams": {"model": "acme/one"}}
    tab = Staged(blank, product.origin, [question(1), reply(2, "Half of", retryable=False, **why)]).open()

    expect(answers(tab).last).to_contain_text("acme/one refused to answer", timeout=WARM)
    assert answers(tab).last.locator(".ending").get_by_role("button").all_inner_texts() == [
        "Choose a model",
        "Retry",
        "Go on",
    ]


def test_go_on_says_so_and_retry_asks_again(blank: Page, product: Product) -> None:
    tab = Staged(blank, product.origin, [question(1), reply(2, "Half of", stopReason="broken")]).open()
    answers(tab).last.get_by_role("button", name="Go on").click(timeout=WARM)
    expect(questions(tab).last).to_contain_text("Go on.")
    expect(answers(tab).first.locator(".ending").get_by_role("button")).to_have_count(0)


def test_what_was_there_when_the_provider_broke_stays(blank: Page, product: Product) -> None:
    staged = Staged(blank, product.origin, [question(1, status="pending")])
    tab = staged.open()
    expect(questions(tab)).to_have_count(1, timeout=WARM)
    staged.push(type="stream_chunk", turn="q1", n=1, content="Half of the answer")
    expect(answers(tab).last).to_contain_text("Half of the answer", timeout=WARM)

    staged.push(type="message", **notice(2, "The connection broke off.", retryable=True))

    expect(tab.get_by_role("article", name="Notice")).to_contain_text("broke off", timeout=WARM)
    expect(answers(tab).last).to_contain_text("Half of the answer")
    expect(answers(tab).last).to_contain_text("The answer broke off here.")


def media(kind: str, **rest: Any) -> dict[str, Any]:
    fields = {"id": str(uuid.uuid4()), "kind": kind, "name": f"a.{kind}", "mimeType": "image/png", "bytes": 123_456}
    return fields | rest


def test_files_come_with_an_answer(blank: Page, product: Product) -> None:
    picture, gone, document = media("image"), media("image", name="gone.png"), media("file", name="report.pdf")
    staged = Staged(blank, product.origin, [question(1), reply(2, "Here", media=[picture, gone, document])])
    blank.route("**/picture.png", lambda route: route.fulfill(body=PIXEL, content_type="image/png"))
    staged.answer(f"/media/{picture['id']}", {"url": "/picture.png", "expiresAt": "2099-01-01T00:00:00.000Z"})
    staged.answer(f"/media/{gone['id']}", {"code": "not_found", "message": "it is gone"}, 404)
    staged.answer(f"/media/{document['id']}", {"url": "/picture.png", "expiresAt": "2099-01-01T00:00:00.000Z"})
    tab = staged.open()

    expect(tab.get_by_text("gone.png could not be loaded")).to_be_visible(timeout=WARM)
    expect(tab.get_by_role("button", name="Download report.pdf")).to_be_visible()
    tab.get_by_role("button", name="Enlarge a.image").click()
    expect(tab.get_by_role("dialog").get_by_role("img")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)


def test_a_file_arrives_while_the_answer_is_written(blank: Page, product: Product) -> None:
    staged = Staged(blank, product.origin, [question(1, status="pending")])
    tab = staged.open()
    expect(questions(tab)).to_have_count(1, timeout=WARM)
    for _ in range(2):
        staged.push(type="media", turn="q1", n=1, **media("file", name="report.pdf"))

    expect(answers(tab).get_by_role("button", name="Download report.pdf")).to_have_count(1, timeout=WARM)


def test_tools_are_shown_after_a_reload_as_they_were_live(blank: Page, product: Product) -> None:
    steps = [
        {"n": 1, "name": "exec", "summary": "ls", "detail": "a b c", "state": "done"},
        {"n": 2, "name": "read", "summary": "gone.txt", "state": "failed"},
    ]
    tab = Staged(blank, product.origin, [question(1), reply(2, "Done", tools=steps)]).open()

    line = answers(tab).last.locator("summary")
    expect(line).to_have_text("2 tools used · 1 failed", timeout=WARM)
    line.click()
    expect(answers(tab).last.get_by_text("a b c")).to_be_visible()


@pytest.mark.parametrize(
    ("key", "way"),
    [
        ("model_auth.key_refused", "Retry"),
        ("model_error.context_full", "New conversation"),
        ("model_error.model_unknown", "Choose a model"),
        ("model_error.request_refused", "Edit"),
    ],
)
def test_a_notice_offers_what_it_advises(blank: Page, product: Product, key: str, way: str) -> None:
    failed = notice(2, "As the cloud words it.", errorKey=key, errorParams={"model": "acme/one"}, retryable=False)
    staged = Staged(blank, product.origin, [question(1, "Why?"), failed])
    tab = staged.open()
    told = tab.get_by_role("article", name="Notice")
    expect(told).to_contain_text("acme/one", timeout=WARM)

    told.get_by_role("button", name=way).click()

    if way == "Retry":
        expect(questions(tab).last).to_contain_text("Why?")
    elif way == "Choose a model":
        expect(tab.get_by_role("dialog").get_by_label("Model")).to_be_focused()
    else:
        expect(composer(tab)).to_have_value("Why?")


def test_a_failure_that_the_page_does_not_know_is_told_in_the_clouds_words(blank: Page, product: Product) -> None:
    failed = notice(2, "Something of tomorrow.", errorKey="of.tomorrow", retryable=True)
    tab = Staged(blank, product.origin, [question(1), failed]).open()
    told = tab.get_by_role("article", name="Notice")
    expect(told).to_contain_text("Something of tomorrow.", timeout=WARM)
    expect(told.get_by_role("button", name="Retry")).to_be_visible()


def test_earlier_messages_come_by_scrolling_and_the_place_is_kept(blank: Page, product: Product) -> None:
    talk = [
        entry for at in range(1, 400, 2) for entry in (question(at, f"Question {at}"), reply(at + 1, f"Answer {at}"))
    ]
    tab = Staged(blank, product.origin, talk, page_size=50).open()
    expect(answers(tab).last).to_contain_text("Answer 399", timeout=WARM)
    thread = tab.get_by_role("region", name="Messages")
    seen = thread.get_by_text("Answer 381", exact=True)
    seen.scroll_into_view_if_needed()
    before = seen.bounding_box()
    tab.wait_for_timeout(500)
    after = seen.bounding_box()
    assert before and after and abs(before["y"] - after["y"]) < 2

    for _ in range(60):
        thread.evaluate("box => box.scrollBy(0, -1500)")
        tab.wait_for_timeout(60)
        if thread.get_by_text("Question 1", exact=True).count():
            break

    expect(thread.get_by_text("Question 1", exact=True)).to_be_visible(timeout=WARM)
    assert answers(tab).count() == 200
