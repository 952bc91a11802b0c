"""The card on which a command is allowed or denied: everybody can use it, and nothing decides by accident.

The cloud says what the test wants; what the real OpenClaw makes of a decision is in `test_page_approvals.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.e2e.axe import violations
from tests.e2e.browser import PHONE, WARM, answers, composer, questions
from tests.e2e.product import Product
from tests.e2e.staged import Staged, question

ASKS = {"en": "The agent asks: may it run this?", "ko": "에이전트가 묻습니다: 이 명령을 실행해도 될까요?"}
STATES = {
    "allowed": ("Allowed", "허용함"),
    "denied": ("Denied", "거부함"),
    "expired": ("No longer open", "더는 답할 수 없음"),
}
FINGER = 44  # CSS pixels
FOLDER = f"/home/ada/serverless-openclaw/.local/tasks/{'0123456789abcdef' * 2}/state/workspace"
INSIDE = "card => [...card.querySelectorAll('*')].every(it => it.getBoundingClientRect().right <= innerWidth)"
LONG = "printf '%s\\n' " + "word " * 500 + "\u202e; echo \u05d0\u05d1\n" * 20


@pytest.fixture
def korean(browser: Browser) -> Iterator[Page]:
    """A phone in Korea."""
    context = browser.new_context(viewport=PHONE, locale="ko-KR", is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


class Asking(Staged):
    """The agent of this conversation asks; what is decided goes no further than here."""

    def __init__(self, tab: Page, origin: str) -> None:
        super().__init__(tab, origin, [question(1, status="pending")])
        self.decisions: list[Any] = []

    def ask(self, state: str = "open", id: str = "x", command: str = "rm -rf build && ls") -> None:
        until = {"expiresAt": "2099-01-01T12:30:00.000Z"} if state == "open" else {}
        asked = {"id": id, "command": command, "cwd": FOLDER, "state": state, **until}
        self.push(type="approval", turn="q1", n=1, **asked)

    def refuse(self, code: str, id: str = "x") -> None:
        self.push(type="error", code=code, message="Slow down.", retryable=code == "rate_limited", id=id)

    def _connected(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(lambda text: self._pass_on(socket, text))
        socket.on_message(lambda text: self._hear(server, text))
        self.sockets.append(socket)

    def _hear(self, server: WebSocketRoute, text: str | bytes) -> None:
        frame = json.loads(text)
        if frame["type"] == "approve":
            self.decisions.append(frame["decision"])
        else:
            server.send(text)


def asked(tab: Page, origin: str) -> Asking:
    """A tab with an open card."""
    asking = Asking(tab, origin)
    asking.open()
    expect(tab.locator("article.user")).to_have_count(1, timeout=WARM)
    asking.ask()
    return asking


def card(tab: Page, language: str = "en") -> Locator:
    return tab.get_by_role("group", name=ASKS[language], exact=True)


def button(tab: Page, name: str) -> Locator:
    return tab.get_by_role("button", name=name, exact=True)


def focus(tab: Page) -> str:
    """The words of what has it."""
    return str(tab.evaluate("document.activeElement.textContent"))


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("state", ["open", *STATES])
def test_a_card_is_clean_in_every_state(blank: Page, product: Product, state: str, language: str) -> None:
    blank.add_init_script(f"localStorage.setItem('openclaw-language', '{language}')")
    asking = asked(blank, product.origin)
    expect(card(blank, language)).to_contain_text("rm -rf build && ls", timeout=WARM)
    if state != "open":
        asking.ask(state)
        line = answers(blank).locator("summary") if language == "en" else blank.locator("article.agent summary")
        expect(line).to_have_text(STATES[state][language == "ko"])
        expect(card(blank, language)).to_have_count(0)
        line.click()
        expect(blank.locator(".command")).to_be_visible()

    assert violations(blank) == []


def test_a_card_fits_a_phone_and_a_finger(korean: Page, product: Product) -> None:
    asking = asked(korean, product.origin)
    asking.ask(id="y", command=LONG)
    expect(card(korean, "ko")).to_have_count(2, timeout=WARM)

    assert korean.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert [each.evaluate(INSIDE) for each in card(korean, "ko").all()] == [True, True]
    for way in card(korean, "ko").get_by_role("button").all():
        box = way.bounding_box()
        assert box and box["height"] >= FINGER and box["width"] >= FINGER
    command = card(korean, "ko").last.locator("pre")
    assert command.evaluate("box => box.scrollHeight > box.clientHeight && box.scrollWidth <= box.clientWidth")
    expect(command.locator("mark").first).to_have_text("\\u{202e}")
    assert violations(korean) == []


def test_a_card_is_read_aloud_takes_no_focus_and_no_enter_of_the_composer(blank: Page, product: Product) -> None:
    asking = Asking(blank, product.origin)
    asking.open()
    expect(questions(blank)).to_have_count(1, timeout=WARM)
    composer(blank).fill("go on")

    asking.ask()

    expect(blank.locator("[aria-live=polite].unseen")).to_have_text(f"{ASKS['en']} rm -rf build && ls", timeout=WARM)
    expect(button(blank, "Allow once")).to_be_enabled(timeout=WARM)
    expect(composer(blank)).to_be_focused()
    blank.keyboard.press("Enter")
    expect(questions(blank)).to_have_count(2)
    expect(composer(blank)).to_be_focused()
    assert asking.decisions == []


@pytest.mark.parametrize(
    ("name", "decision", "state"), [("Allow once", "allow", "allowed"), ("Deny", "deny", "denied")]
)
def test_a_card_is_decided_once_by_keyboard_and_leaves_the_focus_behind(
    blank: Page, product: Product, name: str, decision: str, state: str
) -> None:
    asking = asked(blank, product.origin)
    expect(button(blank, name)).to_be_enabled(timeout=WARM)
    blank.locator("#thread").focus()
    for _ in range(8):
        blank.keyboard.press("Tab")
        if focus(blank) == name:
            break
    expect(button(blank, name)).to_be_focused()
    assert button(blank, name).evaluate("one => getComputedStyle(one).outlineStyle") == "solid"

    for _ in range(3):
        blank.keyboard.press("Enter")

    expect(card(blank)).to_contain_text("Sending…")
    expect(button(blank, "Allow once")).to_be_disabled()
    expect(button(blank, "Deny")).to_be_disabled()
    assert asking.decisions == [decision]
    assert violations(blank) == []
    asking.ask(state)
    expect(answers(blank).locator("summary")).to_have_text(STATES[state][0])
    expect(answers(blank).locator("summary")).to_be_focused()


def test_a_card_that_is_too_late_says_so_and_one_that_was_too_early_stays(blank: Page, product: Product) -> None:
    asking = asked(blank, product.origin)
    button(blank, "Deny").click(timeout=WARM)
    expect(card(blank)).to_contain_text("Sending…")
    asking.refuse("rate_limited")
    expect(blank.locator(".toast", has_text="Slow down.")).to_be_visible()
    button(blank, "Deny").click()
    expect(card(blank)).to_contain_text("Sending…")

    asking.refuse("not_found")

    expect(answers(blank).locator("summary")).to_have_text("No longer open")
    expect(card(blank)).to_have_count(0)
    assert asking.decisions == ["deny", "deny"]


def test_a_card_that_has_just_come_takes_no_click_that_was_on_its_way(blank: Page, product: Product) -> None:
    blank.add_init_script(
        """let first = 0;
        new MutationObserver(() => {
          for (const one of document.querySelectorAll("fieldset.approval button")) {
            first ||= performance.now();
            if (performance.now() - first < 300) one.click();
          }
        }).observe(document, { childList: true, subtree: true });"""
    )
    asking = asked(blank, product.origin)

    expect(button(blank, "Allow once")).to_be_enabled(timeout=WARM)

    assert asking.decisions == []
