"""Tabs, links that lead nowhere, signing in and out, and errors that are seen."""

from __future__ import annotations

import re
import uuid
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.e2e.browser import WARM, answers, composer, questions, sign_out
from tests.e2e.product import Product
from tests.e2e.staged import Staged, question, reply

RUN_OUT = """() => {
  for (const [key, value] of Object.entries(localStorage)) {
    if (!key.startsWith("oidc.user:")) continue;
    const user = JSON.parse(value);
    const forged = { expires_at: Math.floor(Date.now() / 1000) + 5, id_token: user.id_token.slice(0, -8) + "AAAAAAAA" };
    localStorage.setItem(key, JSON.stringify({ ...user, ...forged }));
  }
}"""


def test_two_tabs_begin_two_conversations(tab: Page, context: BrowserContext, product: Product) -> None:
    composer(tab).fill("written in the first")
    other = context.new_page()
    other.goto(product.origin)
    expect(composer(other)).to_have_value("", timeout=WARM)
    composer(other).fill("written in the second")

    composer(other).press("Enter")

    expect(questions(other)).to_have_count(1, timeout=WARM)
    expect(composer(tab)).to_have_value("written in the first")
    expect(questions(tab)).to_have_count(0)
    tab.reload()
    expect(composer(tab)).to_have_value("written in the first", timeout=WARM)


def test_a_draft_that_was_left_in_a_closed_tab_is_found_again(
    tab: Page, context: BrowserContext, product: Product
) -> None:
    composer(tab).fill("not finished")
    tab.wait_for_timeout(300)
    tab.close()

    later = context.new_page()
    later.goto(product.origin)

    expect(composer(later)).to_have_value("not finished", timeout=WARM)


def test_a_fresh_page_asks_for_nothing_that_is_not_there(blank: Page, product: Product) -> None:
    failed: list[str] = []
    blank.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    blank.goto(product.origin)
    expect(composer(blank)).to_be_visible(timeout=WARM)
    blank.wait_for_timeout(1_000)
    blank.reload()
    expect(composer(blank)).to_be_visible(timeout=WARM)
    blank.wait_for_timeout(1_000)

    assert failed == []


def test_a_link_to_no_conversation_begins_none(blank: Page, product: Product) -> None:
    for id in (str(uuid.uuid4()), "short"):
        blank.goto(f"{product.origin}/#/c/{id}")
        expect(blank.get_by_text("This conversation is not there.")).to_be_visible(timeout=WARM)
        expect(composer(blank)).to_have_count(0)

        blank.get_by_role("main").get_by_role("button", name="New conversation").click()

        expect(composer(blank)).to_be_visible()
        assert id not in blank.url


def test_an_unknown_path_is_told_in_words(blank: Page, product: Product) -> None:
    blank.goto(f"{product.origin}/settings/of/yesterday")
    expect(blank.get_by_role("heading")).to_have_text("There is no page here")

    blank.get_by_role("link").click()

    expect(composer(blank)).to_be_visible(timeout=WARM)


def test_whoever_signs_out_stays_out(tab: Page, context: BrowserContext, product: Product) -> None:
    second = context.new_page()
    second.goto(product.origin)
    expect(composer(second)).to_be_visible(timeout=WARM)
    sign_out(tab)

    expect(tab.get_by_role("button", name="Sign in")).to_be_visible(timeout=WARM)
    expect(second.get_by_role("button", name="Sign in")).to_be_visible(timeout=WARM)
    tab.wait_for_timeout(1_000)
    tab.reload()
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible(timeout=WARM)
    other = context.new_page()
    other.goto(product.origin)
    expect(other.get_by_role("button", name="Sign in")).to_be_visible(timeout=WARM)
    other.get_by_role("button", name="Sign in").click()
    expect(composer(other)).to_be_visible(timeout=WARM)


def test_a_token_that_cannot_be_renewed_without_a_network_keeps_the_page(tab: Page, context: BrowserContext) -> None:
    composer(tab).fill("not lost")
    tab.wait_for_timeout(300)
    tab.evaluate(RUN_OUT)
    asked: list[str] = []

    def unreachable(route: Route) -> None:
        asked.append(route.request.url)
        route.abort("internetdisconnected")

    context.route(re.compile("/oidc/token"), unreachable)
    tab.reload()

    expect(tab.get_by_text("No connection · trying again.")).to_be_visible(timeout=WARM)
    expect(composer(tab)).to_have_value("not lost")
    tab.wait_for_timeout(3_000)
    assert 1 <= len(asked) <= 8
    context.unroute(re.compile("/oidc/token"))
    expect(tab.get_by_text("No connection · trying again.")).to_be_hidden(timeout=WARM)
    expect(composer(tab)).to_have_value("not lost")


def test_a_provider_that_refuses_ends_the_session(tab: Page, context: BrowserContext) -> None:
    tab.evaluate(RUN_OUT)
    tab.evaluate("sessionStorage.removeItem('openclaw-redirected-at')")  # this sign-in was long ago
    context.route(
        re.compile("/oidc/token"),
        lambda route: (
            route.fulfill(status=400, json={"error": "invalid_grant"})
            if "refresh_token" in (route.request.post_data or "")
            else route.continue_()
        ),
    )

    tab.reload()

    expect(composer(tab)).to_be_visible(timeout=WARM)  # a laptop's provider signs in again by itself
    expect(tab.get_by_text("No connection")).to_have_count(0)


def test_an_error_is_seen_while_the_settings_are_open(tab: Page) -> None:
    tab.get_by_role("button", name="Settings", exact=True).click()
    dialog = tab.get_by_role("dialog")
    idle = dialog.get_by_label("Goes to sleep after")
    expect(idle).to_be_enabled(timeout=WARM)
    tab.route(re.compile("/api/settings$"), lambda route: route.fulfill(status=429, json={"code": "rate_limited"}))

    idle.select_option("30")

    told = dialog.locator(".toast")
    expect(told).to_be_visible(timeout=WARM)
    told.get_by_role("button", name="Close").click()
    expect(told).to_have_count(0)


def test_a_dialog_that_opened_too_early_has_the_focus_where_it_belongs(blank: Page, product: Product) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    blank.route(re.compile("/api/settings$"), hold)
    blank.goto(product.origin)
    expect(composer(blank)).to_be_visible(timeout=WARM)
    blank.get_by_role("button", name="Settings", exact=True).click()
    model = blank.get_by_role("dialog").get_by_label("Model")
    expect(model).to_be_disabled()

    for route in held:
        route.continue_()

    expect(model).to_be_focused()


def test_nothing_can_be_chosen_before_the_settings_are_there(blank: Page, product: Product) -> None:
    blank.route(re.compile("/api/settings$"), lambda route: route.fulfill(status=503, json={"code": "internal"}))
    blank.goto(product.origin)
    expect(composer(blank)).to_be_visible(timeout=WARM)
    dialog, button = blank.get_by_role("dialog"), blank.get_by_role("button", name="Settings", exact=True)
    button.click()
    expect(dialog.get_by_label("Goes to sleep after")).to_be_disabled()

    dialog.get_by_role("button", name="Close").first.click()
    blank.unroute_all()
    button.click()

    expect(dialog.get_by_label("Goes to sleep after")).to_be_enabled(timeout=WARM)


def test_an_error_is_told_in_the_pages_language(blank: Page, product: Product) -> None:
    blank.add_init_script("localStorage.setItem('openclaw-language', 'ko')")
    refused = {"code": "rate_limited", "message": "Slow down."}
    blank.route(re.compile("/api/agent/(start|stop)$"), lambda route: route.fulfill(status=429, json=refused))
    staged = Staged(blank, product.origin, [question(1), reply(2, "네")])
    staged.open()
    expect(blank.locator("article.user")).to_have_count(1, timeout=WARM)
    staged.push(type="status", status="idle", pending=0)
    blank.get_by_role("button", name="설정", exact=True).click(timeout=WARM)
    blank.get_by_role("dialog").get_by_role("button", name="지금 깨우기").click()
    expect(blank.get_by_role("dialog").get_by_text("요청이 너무 많습니다")).to_be_visible()
    expect(answers(blank)).to_have_count(0)  # the dialog hides them from a screen reader


def test_a_deployment_without_a_bot_says_so_before_the_click(tab: Page) -> None:
    tab.get_by_role("button", name="Settings", exact=True).click()

    expect(tab.get_by_role("dialog").get_by_text("has no Telegram bot yet")).to_be_visible(timeout=WARM)
    expect(tab.get_by_role("button", name="Link a chat")).to_have_count(0)


def test_a_backup_that_cannot_be_restored_has_its_way_out_on_the_page(blank: Page, product: Product) -> None:
    points = [("3", "2026-03-03T12:00:00.000Z"), ("2", "2026-02-02T12:00:00.000Z"), ("1", "2026-01-01T12:00:00.000Z")]
    listed = [{"id": id, "madeAt": at, "kind": "stop", "restored": None} for id, at in points]
    note = {"note": "It does not fit.", "noteCode": "restore_no_room"}
    calls: list[str] = []

    def answer(route: Route) -> None:
        calls.append(f"{route.request.method} {urlsplit(route.request.url).path}")
        is_start = route.request.url.endswith("/start")
        route.fulfill(json={"status": "starting"} if is_start else {"backups": listed})

    blank.route(re.compile("/api/(backups|agent/start)"), answer)
    staged = Staged(blank, product.origin, [question(1), reply(2, "Yes")])
    tab = staged.open()
    expect(answers(tab)).to_have_count(1, timeout=WARM)
    staged.push(type="status", status="idle", **note)

    tab.get_by_role("button", name="Start from the backup of February 2").click()

    expect(tab.get_by_text("Waking").first).to_be_visible(timeout=WARM)
    assert calls[-2:] == ["POST /api/backups/2/restore", "POST /api/agent/start"]
    expect(tab.get_by_role("button", name="Start from the backup")).to_have_count(0)
