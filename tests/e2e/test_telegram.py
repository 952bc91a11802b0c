"""Telegram end to end: the laptop polls a Bot API server, the app takes the updates, the real OpenClaw answers."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.e2e.page import Page
from tests.e2e.phone import UNFINISHED, Phone
from tests.e2e.product import Product, wait_for
from tests.e2e.scene import fall_asleep
from tests.fakes.telegram_server import TOKEN, Fault, telegram_server

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def product(bot: Product) -> Product:
    """The one that the page shows."""
    return bot


def test_the_launcher_says_which_bot_listens(product: Product) -> None:
    assert "Telegram: https://t.me/our_test_bot, link your chat in the page's settings." in product.lines


def test_a_cold_start_is_one_line_that_becomes_the_answer(product: Product, page: Page, phone: Phone) -> None:
    fall_asleep(page)
    before = len(phone.seen)
    phone.say("Hello from the phone [[n=12]]")

    wait_for(lambda: phone.seen[before:] and phone.seen[-1].startswith(UNFINISHED), "the line")
    entry = page.wait(lambda frame: frame["type"] == "message" and frame["channel"] == "telegram", "it on the page")
    answer = page.answer(entry["id"])
    phone.wait(answer)
    assert phone.seen[before:] == [answer]
    edits = [call for method, call in phone.server.calls if method == "editMessageText"]
    lines = [edit["text"] for edit in edits if edit["chat_id"] == phone.id]
    assert any(line.startswith("⚙") for line in lines)


def test_an_answer_streams_by_drafts_and_ends_as_one_message(page: Page, phone: Phone) -> None:
    before, told = len(phone.seen), len(phone.told)
    phone.say("Something long [[n=60]] [[delay=0.06]]")

    phone.hear(told)
    drafts = [text for chat, text in phone.server.chats.drafts if chat == phone.id]
    assert len(drafts) >= 2
    assert all(text.endswith(" ▌") for text in drafts)
    assert len(phone.seen) == before + 1
    assert phone.id in phone.server.chats.typing


def test_a_photo_reaches_the_agent(product: Product, page: Page, phone: Phone) -> None:
    phone.server.chats.files["f1"] = PNG
    sizes = [{"file_id": "f1", "width": 1, "height": 1, "file_size": len(PNG)}]
    before = len(phone.told)
    phone.put(photo=sizes, caption="What is on this picture?")

    phone.hear(before)
    assert any("Image attachment" in asked["last"] for asked in product.model_requests())


def test_what_is_said_on_the_page_is_told_in_the_chat_if_wanted(page: Page, phone: Phone, conversation: str) -> None:
    page.rest("PUT", "/settings", {"mirrorToTelegram": True})
    answer = page.answer(page.send("Hello from the page [[n=5]]", conversation))
    phone.wait(f"🖥 From the web page:\nHello from the page [[n=5]]\n\n{answer}")
    page.rest("PUT", "/settings", {"mirrorToTelegram": False})


def test_a_duplicate_a_busy_chat_and_a_lost_answer_give_one_message(page: Page, phone: Phone) -> None:
    server = phone.server
    server.faults = {
        "sendMessageDraft": [Fault(429, "Too Many Requests", retry_after=1)],
        "editMessageText": [Fault(400, "Bad Request: can't parse entities"), Fault(silent=True, after_effect=True)],
    }
    before = len(phone.seen)
    phone.say("Again [[n=8]]")
    server.chats.updates.append(server.chats.updates[-1])

    page.wait(lambda frame: frame["type"] == "stream_end", "the answer")
    wait_for(lambda: phone.told[before:], "the answer in the chat")
    assert len(phone.seen) == before + 1


def test_commands_work_from_the_phone(page: Page, phone: Phone) -> None:
    phone.say("/status")
    wait_for(lambda: any(text.startswith("Agent: awake") for text in phone.seen), "the status")
    phone.say("/stop")
    phone.wait("There is nothing to stop.")


def test_the_page_shows_a_code_and_who_asks_and_its_owner_decides(
    context: BrowserContext, product: Product, phone: Phone
) -> None:
    other = Phone(phone.server, id=4343)
    tab = context.new_page()
    tab.goto(product.origin)
    tab.get_by_role("button", name="Settings").first.click()
    tab.get_by_role("button", name="Link a chat").click()
    expect(tab.get_by_role("img", name="Link to the bot, as a QR code")).to_be_visible()
    other.say(tab.locator(".pair-code").inner_text())
    expect(tab.get_by_text("Person 4343 asks to be linked. Is that you?")).to_be_visible()
    tab.get_by_role("button", name="Yes, link").click()
    expect(tab.get_by_text("Person 4343", exact=True)).to_be_visible()
    other.wait("Linked. Write to me as you would on the web page; /help shows what else I can do.")
    tab.locator(".link-row", has_text="Person 4343").get_by_role("button", name="Unlink").click()
    expect(tab.get_by_text("Person 4343", exact=True)).to_have_count(0)


def test_a_stranger_is_refused_once(product: Product, phone: Phone) -> None:
    stranger = Phone(phone.server, id=666)
    stranger.say("Hello")
    stranger.say("Hello?")
    phone.say("/help")

    wait_for(lambda: phone.seen[-1].startswith("Write to me"), "the answer to what came last")
    assert len(stranger.seen) == 1


def test_nothing_of_the_token_is_in_any_log(product: Product, phone: Phone) -> None:
    for log in (product.state / "logs").rglob("*.log"):
        assert TOKEN not in log.read_text(errors="replace"), log


def test_a_webhook_that_is_set_is_left_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    with telegram_server() as server:
        server.chats.webhook = True
        environ = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": server.url}
        product = Product(tmp_path_factory.mktemp("hooked"), **environ).start()
        product.stop()

    assert any(line.startswith("Telegram: a webhook is set for this bot") for line in product.lines)
    assert {method for method, _ in server.calls} == {"getUpdates"}
