"""Everybody can use every state of the page: axe finds nothing, and the keyboard reaches everything."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import violations
from tests.e2e.browser import PHONE, WARM, answers, composer, questions, say
from tests.e2e.product import Product
from tests.e2e.staged import Staged, notice, question, reply
from tests.e2e.test_page_answers import PIXEL

RICH = """# One
## Two
| a | b |
|---|---|
| 1 | 2 |

- [x] done
- [ ] not done

> quoted

```python
print("hello" * 40, "a very long line that scrolls sideways, further and further and further and further")
```

`code`, **bold**, https://example.com/a and $a_1$
"""
LONG = "word " * 3000
TOOLS = [{"n": 1, "name": "exec", "summary": "ls -la", "detail": "a\n" * 200, "state": "failed"}]
FILE = {"id": "f", "kind": "file", "name": "report.pdf", "mimeType": "application/pdf", "bytes": 5}
GONE = {"id": "g", "kind": "image", "name": "cat.png", "mimeType": "image/png", "bytes": 5}
SHOWN = {"id": "s", "kind": "image", "name": "dog.png", "mimeType": "image/png", "bytes": 5}
TUNE = {"id": "t", "kind": "audio", "name": "tune.wav", "mimeType": "audio/wav", "bytes": 5}
WHY = {"errorKey": "model_auth.no_credit", "errorParams": {"model": "acme/one"}, "retryable": False}
TALKS: dict[str, list[dict[str, object]]] = {
    "an answer of everything": [question(1), reply(2, RICH, tools=TOOLS, media=[FILE, GONE, SHOWN, TUNE])],
    "long plain text": [question(1, LONG), reply(2, LONG)],
    "a text that is too dear": [question(1), reply(2, "_a" * 20_000)],
    "an answer cut off": [question(1), reply(2, "Half", stopReason="length", durationMs=1200)],
    "an answer declined": [question(1), reply(2, "No", stopReason="declined")],
    "an answer that broke": [question(1), reply(2, "Half", stopReason="broken")],
    "an answer that broke for a reason": [question(1), reply(2, "Half", stopReason="broken", **WHY)],
    "a notice with what was done": [question(1), notice(2, "No.", tools=TOOLS, media=[FILE], **WHY)],
    "an answer stopped": [question(1), reply(2, "Half", status="cancelled", stopReason="cancelled")],
    "a notice": [question(1), notice(2, "No.", retryable=True, errorKey="model_error.overloaded")],
    "what cannot be drawn": [question(1), reply(2, "x", createdAt="never")],
    "a question that waits": [question(1, status="pending"), question(2, status="pending")],
}


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("language", ["en", pytest.param("ko", marks=pytest.mark.soak)])
def test_every_kind_of_message_is_clean(blank: Page, product: Product, talk: str, language: str) -> None:
    blank.add_init_script(f"localStorage.setItem('openclaw-language', '{language}')")
    staged = Staged(blank, product.origin, TALKS[talk])
    staged.answer("/media/g", {"code": "not_found", "message": "gone"}, 404)
    for each in ("s", "t"):
        staged.answer(f"/media/{each}", {"url": f"/{each}.bin", "expiresAt": "2099-01-01T00:00:00.000Z"})
    blank.route("**/s.bin", lambda route: route.fulfill(body=PIXEL, content_type="image/png"))
    tab = staged.open()
    expect(tab.locator(".turn").first).to_be_visible(timeout=WARM)
    tab.wait_for_timeout(500)
    for details in tab.locator("details").all():
        details.locator("summary").click()

    assert violations(tab) == []


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("words", ["", "The text so far"])
def test_a_model_that_thinks_for_long_is_clean_and_said_aloud(
    blank: Page, product: Product, language: str, words: str
) -> None:
    blank.add_init_script(f"localStorage.setItem('openclaw-language', '{language}')")
    staged = Staged(blank, product.origin, [question(1, status="pending")])
    tab = staged.open()
    expect(questions(tab) if language == "en" else tab.locator("article.user")).to_have_count(1, timeout=WARM)
    if words:
        staged.push(type="stream_chunk", turn="q1", n=1, content=words)
    staged.push(type="waiting", turn="q1", seconds=95)

    told = tab.locator(".waiting[role=status]")
    expect(told).to_contain_text({"en": "Still thinking", "ko": "아직 생각하는 중"}[language], timeout=WARM)
    assert violations(tab) == []

    staged.push(type="stream_chunk", turn="q1", n=2 if words else 1, content=" and more")
    expect(told).to_have_count(0)


def status(**fields: object) -> dict[str, object]:
    return {"type": "status", "runtime": "fargate", "pending": 0, "since": "2026-01-01T12:00:00.000Z", **fields}


POINTS = {"backups": [{"id": id, "madeAt": "2026-01-01T12:00:00.000Z", "restored": None} for id in ("2", "1")]}
ETA = {"p50": 34.0, "p90": 51.0}
MOODS = {  # what the page says of it, and the status
    "asleep": ("Asleep", status(status="idle", eta=ETA)),
    "waking, and late": ("Waking", status(status="starting", stage="container", eta=ETA)),
    "awake, with a note": (
        "The backup cannot be written",
        status(status="running", stage="ready", note="x", noteCode="backup_failing"),
    ),
    "asleep, for its newest backup cannot be restored": (
        "Start from the backup",
        status(status="idle", note="x", noteCode="restore_no_room"),
    ),
    "going to sleep": ("Going to sleep", status(status="stopping", stage="ready")),
}


@pytest.mark.parametrize("mood", MOODS)
def test_every_mood_of_the_agent_is_clean(blank: Page, product: Product, mood: str) -> None:
    staged = Staged(blank, product.origin, [question(1), reply(2, "Yes")])
    staged.answer("/backups", POINTS)
    tab = staged.open()
    expect(answers(tab)).to_have_count(1, timeout=WARM)
    words, told = MOODS[mood]
    staged.push(**told)
    expect(tab.get_by_text(words).first).to_be_visible(timeout=WARM)

    assert violations(tab) == []


def refuse(tab: Page, path: str) -> None:
    body = {"code": "rate_limited", "message": "Slow down."}
    tab.route(re.compile(path), lambda route: route.fulfill(status=429, json=body))


def offline(tab: Page) -> None:
    tab.context.set_offline(True)
    say(tab, "in a tunnel")
    expect(tab.get_by_text("No connection")).to_be_visible(timeout=WARM)


def settings(tab: Page) -> None:
    tab.get_by_role("button", name="Settings", exact=True).click()
    expect(tab.get_by_role("dialog")).to_be_visible()


def settings_with_an_error(tab: Page) -> None:
    refuse(tab, "/api/settings$")
    settings(tab)
    sleep = tab.get_by_role("dialog").get_by_label("Goes to sleep after")
    sleep.select_option("30" if sleep.input_value() == "60" else "60")
    expect(tab.get_by_role("dialog").locator(".toast")).to_be_visible()


def settings_with_a_code(tab: Page) -> None:
    asks = {"id": "t", "channel": "telegram", "state": "asked", "name": "Ada", "username": None, "since": ""}
    links = {"links": [{**asks, "state": "linked", "id": "l"}], "channels": ["telegram"]}
    offer = {"code": "K7XM-29QP", "url": "https://t.me/b?start=x", "expiresAt": "2099-01-01T00:00:00.000Z"}
    tab.route(re.compile("/api/links$"), lambda route: route.fulfill(json=links))
    tab.route(re.compile("/api/links/telegram$"), lambda route: route.fulfill(json=offer))
    settings(tab)
    tab.get_by_role("button", name="Link a chat").click()
    expect(tab.get_by_text("K7XM-29QP")).to_be_visible()
    expect(tab.get_by_role("img", name="Link to the bot, as a QR code")).to_be_visible()


def a_link_to_nothing(tab: Page) -> None:
    tab.goto(tab.url.partition("#")[0] + "#/c/nothing")
    expect(tab.get_by_text("This conversation is not there.")).to_be_visible(timeout=WARM)


def a_talk_that_cannot_be_loaded(tab: Page) -> None:
    tab.route(re.compile("/api/conversations/.+"), lambda route: route.fulfill(status=500, json={}))
    tab.goto(tab.url.partition("#")[0] + "#/c/11111111-1111-4111-8111-111111111111")
    expect(tab.get_by_text("could not be loaded")).to_be_visible(timeout=WARM)


def asked_what_to_keep(tab: Page) -> None:
    settings(tab)
    expect(tab.get_by_role("combobox", name="Model")).to_be_focused(timeout=WARM)  # they are loaded
    tab.get_by_role("button", name="Sign out everywhere").click()
    expect(tab.get_by_role("button", name="Keep and sign out")).to_be_focused()


def signed_out(tab: Page) -> None:
    settings(tab)
    tab.get_by_role("button", name="Sign out", exact=True).click()
    tab.get_by_role("button", name="Keep and sign out").click()
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible(timeout=WARM)


def an_unknown_path(tab: Page) -> None:
    tab.goto(tab.url.partition("#")[0] + "nowhere")


def a_broken_config(tab: Page) -> None:
    tab.route("**/config.json", lambda route: route.fulfill(status=500))
    tab.reload()
    expect(tab.get_by_text("could not read its config.json")).to_be_visible(timeout=WARM)


STATES: tuple[Callable[[Page], None], ...] = (
    lambda tab: None,
    offline,
    settings,
    settings_with_an_error,
    settings_with_a_code,
    a_link_to_nothing,
    a_talk_that_cannot_be_loaded,
    asked_what_to_keep,
    signed_out,
    an_unknown_path,
    a_broken_config,
)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_state_of_the_page_is_clean(tab: Page, state: Callable[[Page], None]) -> None:
    state(tab)
    assert violations(tab) == []


def test_a_message_that_was_refused_is_clean_and_said_aloud(blank: Page, product: Product) -> None:
    staged = Staged(blank, product.origin, [question(1), reply(2, "Yes")])
    tab = staged.open()
    expect(answers(tab)).to_have_count(1, timeout=WARM)
    tab.route_web_socket(re.compile("^ws://"), lambda socket: None)
    tab.reload()
    say(tab, "refuse me")
    expect(questions(tab)).to_have_count(2, timeout=WARM)
    id = tab.evaluate(
        """async () => {
          const name = (await indexedDB.databases()).find((one) => one.name.startsWith("openclaw-")).name;
          const db = await new Promise((done) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => done(asked.result);
          });
          const store = db.transaction("outbox", "readwrite").objectStore("outbox");
          const [message] = await new Promise((done) => {
            const asked = store.getAll();
            asked.onsuccess = () => done(asked.result);
          });
          store.put({ ...message, refused: { code: "rate_limited", message: "Slow down.", retryable: true } });
          return message.id;
        }"""
    )
    assert id
    tab.reload()

    expect(tab.get_by_role("alert").filter(has_text="Slow down.")).to_be_visible(timeout=WARM)
    expect(tab.locator("[aria-live=assertive]")).to_contain_text("Slow down.")
    assert violations(tab) == []


def test_a_phone_with_its_drawer_and_a_rows_menu_is_clean(browser: Browser, product: Product) -> None:
    context = browser.new_context(viewport=PHONE, locale="ko-KR", has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    tab = context.new_page()
    row = {"id": "11111111-1111-4111-8111-111111111111", "title": "오소리", "lastSeq": 1, "lastAt": "2026-01-01"}
    listed = re.compile("/api/conversations$")
    tab.route(listed, lambda route: route.fulfill(json={"conversations": [row]}))
    tab.goto(product.origin)
    tab.get_by_role("button", name="대화 목록 열기").click(timeout=WARM)
    assert violations(tab) == []

    tab.get_by_role("button", name="오소리 더 보기").click()

    expect(tab.get_by_role("menu")).to_be_visible()
    assert violations(tab) == []
    context.close()


def test_the_rows_menu_works_by_keyboard_and_gives_the_focus_back(tab: Page) -> None:
    row = {"id": "11111111-1111-4111-8111-111111111111", "title": "Badgers", "lastSeq": 1, "lastAt": "2026-01-01"}
    tab.route(re.compile("/api/conversations$"), lambda route: route.fulfill(json={"conversations": [row]}))
    tab.reload()
    button = tab.get_by_role("button", name="More for Badgers")
    button.focus(timeout=WARM)
    tab.keyboard.press("Enter")
    items = tab.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    for key, at in (("ArrowDown", 1), ("End", 2), ("ArrowDown", 0), ("ArrowUp", 2), ("Home", 0)):
        tab.keyboard.press(key)
        expect(items.nth(at)).to_be_focused()

    tab.keyboard.press("Escape")

    expect(tab.get_by_role("menu")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_the_thread_is_reached_by_the_skip_link_and_scrolled_by_keyboard(blank: Page, product: Product) -> None:
    tab = Staged(blank, product.origin, [question(1), reply(2, "word\n\n" * 300)]).open()
    expect(answers(tab)).to_have_count(1, timeout=WARM)
    skip = tab.locator("a, button, [tabindex]").first  # what Tab reaches first
    skip.focus()
    expect(skip).to_have_accessible_name("Skip to the messages")
    expect(skip).to_be_in_viewport()
    tab.keyboard.press("Enter")
    thread = tab.get_by_role("region", name="Messages")
    expect(thread).to_be_focused()
    before = thread.evaluate("box => box.scrollTop")

    tab.keyboard.press("PageUp")

    tab.wait_for_timeout(500)
    assert thread.evaluate("box => box.scrollTop") < before
    assert "#/c/" in tab.url
    expect(composer(tab)).to_be_visible()
