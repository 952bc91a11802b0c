from collections.abc import Iterator

import pytest

from chalicelib.adapters.telegram import BotApi
from chalicelib.domain.telegram_text import Entity, Words
from chalicelib.errors import (
    ChatBusy,
    ChatGone,
    ChatRefused,
    ChatUnavailable,
    MarkupRefused,
    MessageGone,
    MessageTooLarge,
)
from chalicelib.ports import Button
from tests.fakes.http import http_server
from tests.fakes.telegram_server import TOKEN, Fault, TelegramServer, telegram_server

CHAT = 42


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with telegram_server() as server:
        yield server


@pytest.fixture
def bot(server: TelegramServer) -> BotApi:
    return BotApi(lambda: TOKEN, server.url)


def test_a_message_is_sent_with_its_markup_and_without_previews(server: TelegramServer, bot: BotApi) -> None:
    words = Words("🎉 link", (Entity("text_link", 3, 4, url="https://e.x"),))
    number = bot.send(CHAT, words, [Button("Yes", "yes:1")])

    said = server.chats.messages[CHAT][number]
    assert said["text"] == "🎉 link"
    assert said["entities"] == [{"type": "text_link", "offset": 3, "length": 4, "url": "https://e.x"}]
    assert said["link_preview_options"] == {"is_disabled": True}
    assert said["reply_markup"]["inline_keyboard"] == [[{"text": "Yes", "callback_data": "yes:1"}]]


def test_an_edit_that_was_made_before_counts_as_made(server: TelegramServer, bot: BotApi) -> None:
    number = bot.send(CHAT, Words("…"))
    bot.edit(CHAT, number, Words("Hello"))
    bot.edit(CHAT, number, Words("Hello"))

    assert server.chats.texts(CHAT) == ["Hello"]


def test_every_other_call_reaches_the_server(server: TelegramServer, bot: BotApi) -> None:
    number = bot.send(CHAT, Words("…"))
    bot.draft(CHAT, 7, Words("So far"))
    bot.type(CHAT)
    bot.confirm("q1")
    bot.register({"new": "Start"}, "ko")
    bot.delete(CHAT, number)

    assert (bot.name(), bot.name()) == ("our_test_bot", "our_test_bot")
    assert [method for method, _ in server.calls].count("getMe") == 1
    assert server.chats.drafts == [(CHAT, "So far")]
    assert server.chats.typing == [CHAT]
    assert server.chats.menus == {"ko": [{"command": "new", "description": "Start"}]}
    assert server.chats.texts(CHAT) == []


def test_a_file_is_fetched_up_to_its_limit(server: TelegramServer, bot: BotApi) -> None:
    server.chats.files["f1"] = b"12345"

    assert bot.fetch("f1", 5) == b"12345"
    with pytest.raises(MessageTooLarge):
        bot.fetch("f1", 4)
    with pytest.raises(ChatUnavailable):
        bot.fetch("f2", 4)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(429, "Too Many Requests: retry after 7", retry_after=7), ChatBusy),
        (Fault(400, "Bad Request: can't parse entities: byte offset 3"), MarkupRefused),
        (Fault(400, "Bad Request: message to edit not found"), MessageGone),
        (Fault(400, "Bad Request: chat not found"), ChatGone),
        (Fault(403, "Forbidden: bot was blocked by the user"), ChatGone),
        (Fault(400, "Bad Request: something new"), ChatRefused),
        (Fault(502, "Bad Gateway"), ChatUnavailable),
        (Fault(silent=True), ChatUnavailable),
        (Fault(silent=True, after_effect=True), ChatUnavailable),
    ],
)
def test_what_telegram_says_becomes_a_fact(server: TelegramServer, bot: BotApi, fault: Fault, error: type) -> None:
    server.faults["sendMessage"] = [fault]

    with pytest.raises(error) as raised:
        bot.send(CHAT, Words("Hello"))

    assert type(raised.value) is error
    assert TOKEN not in str(raised.value)


def test_a_chat_says_how_long_it_wants_to_rest(server: TelegramServer, bot: BotApi) -> None:
    server.faults["sendMessage"] = [Fault(429, "Too Many Requests", retry_after=7), Fault(429, "", retry_after=9999)]

    for seconds in (7.0, 300.0):
        with pytest.raises(ChatBusy) as raised:
            bot.send(CHAT, Words("Hello"))
        assert raised.value.seconds == seconds


def test_without_a_token_nothing_is_called(server: TelegramServer) -> None:
    for token in (None, ""):
        with pytest.raises(ChatGone, match="its token is not stored"):
            BotApi(lambda token=token: token, server.url).type(CHAT)  # type: ignore[misc]
    with pytest.raises(ChatGone, match="Unauthorized"):
        BotApi(lambda: "wrong", server.url).type(CHAT)

    assert server.calls == []


def test_an_answer_that_is_no_answer_is_none() -> None:
    with http_server(200) as server, pytest.raises(ChatUnavailable):
        BotApi(lambda: TOKEN, server.url).type(CHAT)


def test_nobody_at_the_address_is_told_without_the_token() -> None:
    with pytest.raises(ChatUnavailable) as raised:
        BotApi(lambda: TOKEN, "https://127.0.0.1:9", timeout=1).type(CHAT)

    assert str(raised.value) == "Telegram does not answer: ConnectionRefusedError"
