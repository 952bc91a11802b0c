"""Identities that end: by themselves without a trace, by signing out here, and everywhere at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, WebSocket, expect

from local.names import CLIENT_ID
from tests.e2e.browser import COLD, WARM, answers, composer, questions, say, sign_out
from tests.e2e.page import fetch
from tests.e2e.product import Product
from tests.e2e.shared import Shared, running

KEPT_USER = """() => {
  const key = Object.keys(localStorage).find((key) => key.startsWith("oidc.user:"));
  return JSON.parse(localStorage.getItem(key));
}"""
SETTLED = """() => [...document.querySelectorAll("button")].some((one) => one.textContent.trim() === "Sign in")
  || document.querySelector("textarea")"""
WATCH_FOR_NO_CONNECTION = """() => {
  window.seen = 0;
  const look = () => { window.seen += document.body.textContent.includes("No connection") ? 1 : 0; };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""


def signed_out(tab: Page) -> None:
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible(timeout=WARM)


def enter(tab: Page) -> None:
    """Signed in, whether the page has done so by itself or not."""
    tab.wait_for_function(SETTLED)
    if tab.get_by_role("button", name="Sign in").count():
        tab.get_by_role("button", name="Sign in").click()
    expect(composer(tab)).to_be_visible(timeout=WARM)


def refresh(origin: str, token: str) -> tuple[int, Any]:
    form = urlencode({"grant_type": "refresh_token", "client_id": CLIENT_ID, "refresh_token": token}).encode()
    try:
        with urlopen(f"{origin}/oidc/token", form, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def test_a_refresh_token_of_a_session_that_was_signed_out_renews_nothing(tab: Page, product: Product) -> None:
    user = tab.evaluate(KEPT_USER)
    sign_out(tab)
    signed_out(tab)

    status, answer = refresh(product.origin, user["refresh_token"])

    assert (status, answer["error"]) == (400, "invalid_grant")


def test_whoever_signs_out_may_leave_nothing_of_theirs_in_the_browser(blank: Page, product: Product) -> None:
    for kept, left in (("Remove and sign out", ""), ("Keep and sign out", "half a thought")):
        blank.goto(product.origin)
        enter(blank)
        composer(blank).fill("half a thought")
        blank.wait_for_timeout(300)
        sign_out(blank, kept=kept)
        signed_out(blank)
        enter(blank)
        expect(composer(blank)).to_have_value(left)
        composer(blank).fill("")


def test_signing_out_everywhere_signs_the_other_browser_out_at_once(
    browser: Browser, tab: Page, product: Product
) -> None:
    with browser.new_context(locale="en-US") as elsewhere:
        other = elsewhere.new_page()
        other.goto(product.origin)
        expect(composer(other)).to_be_visible(timeout=WARM)
        token = other.evaluate(KEPT_USER)["id_token"]

        sign_out(tab, "Sign out everywhere")

        signed_out(tab)
        signed_out(other)
        status, answer = fetch(f"{product.origin}/api/status", token=token)
        assert (status, answer["code"]) == (403, "signed_out")
        other.wait_for_timeout(1_500)  # it is not signed in again by itself
        other.get_by_role("button", name="Sign in").click()
        expect(composer(other)).to_be_visible(timeout=WARM)
        expect(other.get_by_text("No connection")).to_have_count(0)


@pytest.fixture
def brief(shared: Shared, tmp_path_factory: pytest.TempPathFactory) -> Product:
    """Its tokens live for twenty seconds, its bridge's credentials for six, and its watchdog looks each second."""
    environ = {"TOKEN_SECONDS": "20", "SESSION_SECONDS": "6", "WATCHDOG_SECONDS": "1"}
    return shared.get("brief", lambda: running(tmp_path_factory.mktemp("brief"), **environ))


@pytest.mark.soak
def test_a_page_whose_token_lives_for_seconds_stays_connected(blank: Page, brief: Product) -> None:
    """`goaway` comes before each token's end; nothing is lost, and the person sees nothing of it."""
    told, sockets = list[str](), list[WebSocket]()

    def listen(socket: WebSocket) -> None:
        sockets.append(socket)
        socket.on("framereceived", lambda frame: told.append(str(frame)) if "goaway" in str(frame) else None)

    blank.on("websocket", listen)
    blank.goto(brief.origin)
    expect(composer(blank)).to_be_visible(timeout=WARM)
    blank.evaluate(WATCH_FOR_NO_CONNECTION)
    for number in range(1, 4):
        say(blank, f"question {number}")
        expect(answers(blank)).to_have_count(number, timeout=COLD)
        reached = len(sockets)
        wait(blank, lambda reached=reached: len(sockets) > reached)  # type: ignore[misc]

    assert len(told) >= 3
    assert len(sockets) <= 30
    expect(questions(blank)).to_have_count(3)
    assert blank.evaluate("window.seen") == 0
    assert all(socket.is_closed() for socket in sockets[:-1])


def test_a_turn_outlives_the_credentials_of_its_bridge(blank: Page, brief: Product) -> None:
    def logged(words: str) -> int:
        return sum(log.read_text().count(words) for log in (brief.state / "logs").glob("*.log"))

    blank.goto(brief.origin)
    expect(composer(blank)).to_be_visible(timeout=WARM)
    say(blank, 'take your time [[tool=exec {"command":"sleep 8; echo rested"}]]')
    expect(answers(blank).last).to_contain_text("rested", timeout=COLD)

    assert logged("session policy:") > 2
    assert logged("denied:") == 0


def wait(tab: Page, come: Callable[[], bool]) -> None:
    for _ in range(300):
        if come():
            return
        tab.wait_for_timeout(200)
    raise AssertionError("no new socket within a minute")
