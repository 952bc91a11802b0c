"""Files go out as forms that the real server would take."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pytest

from chalicelib.adapters.telegram import BotApi
from chalicelib.domain.telegram_media import ChatFile, FileKind
from chalicelib.domain.telegram_text import Words
from chalicelib.errors import ChatBusy, ChatRefused, ChatUnavailable, MessageGone
from tests.fakes.telegram_media import Uploaded
from tests.fakes.telegram_server import TOKEN, Fault, TelegramServer, telegram_server

CHAT = 42
HEAD = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
MEGABYTE = 1024 * 1024


def png(width: int = 4, height: int = 3) -> bytes:
    return HEAD + struct.pack(">II", width, height) + b"\r\n--\r\n\0\xff rest"


def photo(content: bytes) -> ChatFile:
    return ChatFile("photo", "chart.png", "image/png", content)


@pytest.fixture
def server() -> Iterator[TelegramServer]:
    with telegram_server() as server:
        yield server


@pytest.fixture
def bot(server: TelegramServer) -> BotApi:
    return BotApi(lambda: TOKEN, server.url)


@pytest.mark.parametrize(
    "name", ["chart.png", "표 1.png", 'a"b\\c.png', "a\r\nb.png", "🎉.png", "x" * 120, "a;b=c.png", "%22.png"]
)
def test_a_message_becomes_a_photo_with_every_byte_whatever_its_name(
    server: TelegramServer, bot: BotApi, name: str
) -> None:
    number = bot.send(CHAT, Words("📎"))
    bot.put_file(CHAT, number, ChatFile("photo", name, "image/png", png()))
    bot.put_file(CHAT, number, ChatFile("photo", name, "image/png", png()))

    ((kind, file),) = server.chats.shown(CHAT)
    assert (kind, file.content, file.mime_type) == ("photo", png(), "image/png")
    assert file.name[:1] == name[:1] and "\n" not in file.name


@pytest.mark.parametrize(("kind", "method"), [("photo", "sendPhoto"), ("document", "sendDocument")])
def test_a_file_is_sent_as_what_it_is(server: TelegramServer, bot: BotApi, kind: FileKind, method: str) -> None:
    number = bot.send_file(CHAT, ChatFile(kind, "chart.png", "image/png", png()))

    assert server.chats.shown(CHAT) == [(kind, Uploaded("chart.png", "image/png", png()))]
    assert server.calls[0][0] == method
    with pytest.raises(ChatRefused):
        bot.edit(CHAT, number, Words("no text any more"))


@pytest.mark.parametrize("content", [b"", b"<svg/>", png(9_000, 1_001), png(2_100, 100), png() + bytes(10 * MEGABYTE)])
def test_what_is_no_photo_to_telegram_is_refused(server: TelegramServer, bot: BotApi, content: bytes) -> None:
    number = bot.send(CHAT, Words("📎"))
    with pytest.raises(ChatRefused):
        bot.put_file(CHAT, number, photo(content))
    with pytest.raises(ChatRefused):
        bot.send_file(CHAT, photo(content))

    assert server.chats.texts(CHAT) == ["📎"]


def test_a_document_of_the_largest_size_goes_through(server: TelegramServer, bot: BotApi) -> None:
    content = png() + bytes(20 * MEGABYTE)
    bot.send_file(CHAT, ChatFile("document", "large.bin", "application/octet-stream", content))

    ((_, file),) = server.chats.shown(CHAT)
    assert file.content == content


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(429, "Too Many Requests", retry_after=7), ChatBusy),
        (Fault(502, "Bad Gateway"), ChatUnavailable),
        (Fault(silent=True, after_effect=True), ChatUnavailable),
        (Fault(400, "Bad Request: message to edit not found"), MessageGone),
        (Fault(404, "Not Found"), ChatRefused),
        (Fault(413, "Request Entity Too Large"), ChatRefused),
    ],
)
def test_what_telegram_says_of_a_file_becomes_a_fact(
    server: TelegramServer, bot: BotApi, fault: Fault, error: type
) -> None:
    number = bot.send(CHAT, Words("📎"))
    server.faults["editMessageMedia"] = [fault]

    with pytest.raises(error):
        bot.put_file(CHAT, number, photo(png()))


def test_a_method_that_the_server_does_not_know_is_a_refusal(bot: BotApi) -> None:
    with pytest.raises(ChatRefused, match="Not Found"):
        bot.call("ofTomorrow")
