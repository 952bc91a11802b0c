"""What comes with an answer in a chat, from the real OpenClaw by a strict Bot API server: files, and why it ended."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import _chats
from tests.e2e.page import Page
from tests.e2e.phone import Phone
from tests.e2e.product import Product, wait_for
from tests.e2e.test_page_answers import PIXEL
from tests.e2e.test_page_content import order, write
from tests.fakes.telegram_server import Fault, TelegramServer

COLD = 120.0


@pytest.fixture(scope="module")
def product(bot: Product) -> Product:
    return bot


@pytest.fixture(scope="module")
def korean(bot: Product, server: TelegramServer) -> Phone:
    """Whose Telegram speaks Korean."""
    phone = Phone(server, next(_chats), "ko")
    page = Page(bot.origin).open()
    phone.pair(page)
    page.close()
    return phone


def test_a_photo_and_a_document_stand_behind_the_words_each_once(phone: Phone, page: Page) -> None:
    """Telegram's answer to the first try is lost, and the second try changes nothing."""
    phone.server.faults["editMessageMedia"] = [Fault(silent=True, after_effect=True)]
    before, sheet = len(phone.seen), "이름,값\n하나,1\n".encode()
    made = order(f"{write('chart.png', PIXEL)} && {write('표.csv', sheet)}")
    phone.say(f"Make them {made} [[pre=I make them.]] [[media=./chart.png]] [[media=./표.csv]] [[media=./gone.png]]")

    entry = page.wait(lambda frame: frame["type"] == "message" and "Make them" in frame["text"], "it on the page")
    answer = page.answer(entry["id"], COLD)
    assert "gone.png could not be handed over" in answer
    wait_for(lambda: len(phone.server.chats.shown(phone.id)) == 2, "two files in the chat")
    words, *files = phone.seen[before:]
    assert words.startswith("I make them.") and "gone.png could not be handed over" in words
    assert files == ["[photo chart.png]", "[document 표.csv]"]
    assert [file.content for _, file in phone.server.chats.shown(phone.id)] == [PIXEL, sheet]
    assert [(each["name"], each["kind"]) for each in page.history(entry["conversationId"])[-1]["media"]] == [
        ("chart.png", "image"),
        ("표.csv", "file"),
    ]


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        ("[[err=402]]", "⚠️ Demo 계정에 남은 크레딧이 없어"),
        ("[[n=20]] [[midfail]]", "⚠️ 답변이 여기서 끊겼습니다. 답을 받는 도중에"),
        ("[[n=20]] [[stop=max_tokens]]", "✂️ 모델의 한도에서 잘렸습니다."),
        ("[[refuse]]", "🚫 모델이 이 요청에 답하기를 거절했습니다."),
    ],
)
def test_why_an_answer_is_not_whole_is_told_in_the_language_of_the_chat(
    korean: Phone, page: Page, orders: str, told: str
) -> None:
    before = len(korean.told)
    korean.say(f"이야기 하나 {orders}")

    wait_for(lambda: any(told in said for said in korean.told[before:]), told, COLD)
