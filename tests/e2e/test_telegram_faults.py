"""What Telegram and the network do to a bot, with the real OpenClaw behind it: each chat has each answer once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from chalicelib.domain.telegram_text import LIMIT, units
from tests.e2e.page import Page
from tests.e2e.phone import Phone
from tests.e2e.product import Product, wait_for
from tests.fakes.telegram_server import Fault, TelegramServer

CROWD = range(5000, 5030)
GREETINGS = 2  # that its pairing is asked for, and that it is linked
WORDS = 16_000  # of a book of 100 KB
LOST = Fault(silent=True, after_effect=True)
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.fixture(scope="module")
def product(bot: Product) -> Product:
    """The one that the page shows."""
    return bot


@pytest.fixture(scope="module")
def crowd(bot: Product, server: TelegramServer) -> list[Phone]:
    """Thirty linked chats, the last one of them in Korean; meanwhile the agent has woken up."""
    phones = [Phone(server, number, "ko" if number == CROWD[-1] else "en") for number in CROWD]
    with closing(Page(bot.origin).open()) as page:
        page.rest("POST", "/agent/start")
        for phone in phones:
            phone.pair(page)
        wait_for(lambda: page.rest("GET", "/status")["status"] == "running", "an agent that is awake", 120)
    return phones


@pytest.fixture(scope="module")
def book(crowd: list[Phone]) -> str:
    """What the first chat asked for; it gets it while others talk."""
    crowd[0].say(f"Tell me everything [[n={WORDS}]]")
    return " ".join(f"w{number}" for number in range(WORDS)) + "."


@pytest.fixture
def chat(crowd: list[Phone], server: TelegramServer) -> Iterator[Phone]:
    """One of them. The faults that were ordered must have happened."""
    yield crowd[1]
    left, server.faults = server.faults, {}
    assert not any(left.values())


def test_thirty_chats_at_once_are_answered_once_each_and_hear_nothing_of_the_others(
    crowd: list[Phone], book: str
) -> None:
    talkers = crowd[1:]
    before = [len(phone.told) for phone in talkers]
    for phone in talkers:
        phone.say(f"I am number {phone.id} [[delay=0]]")

    for phone, greetings in zip(talkers, before, strict=True):
        phone.hear(greetings)
    for phone, greetings in zip(talkers, before, strict=True):
        (answer,) = phone.told[greetings:]
        assert set(re.findall(r"number (\d+)", answer)) == {str(phone.id)}


def test_an_update_that_comes_twice_at_once_and_again_after_others_is_answered_once(
    page: Page, server: TelegramServer, chat: Phone
) -> None:
    before = len(chat.told)
    with server.news:
        number = chat.say("Only once [[n=3]]")
        server.chats.updates.append(server.brought[number])
    chat.hear(before)
    chat.say("Something else [[n=4]]")
    chat.hear(before + 1)
    server.repeat(number)
    chat.say("The last thing [[n=5]]")
    chat.hear(before + 2)

    assert chat.told[before:] == ["w0 w1 w2.", "w0 w1 w2 w3.", "w0 w1 w2 w3 w4."]
    accepted = {frame["id"] for frame in page.frames if frame["type"] == "message" and frame["role"] == "user"}
    assert len(accepted) == 3


def test_updates_that_overtake_each_other_are_all_answered(server: TelegramServer, chat: Phone) -> None:
    before = len(chat.told)
    with server.news:
        for words in (1, 2, 3):
            chat.say(f"So many [[n={words}]]")
        server.chats.updates[-3:] = server.chats.updates[:-4:-1]
    wait_for(lambda: len(chat.told) == before + 3, f"three answers in the chat, which has {chat.seen}")

    assert chat.told[before:] == ["w0 w1 w2.", "w0 w1.", "w0."]


def test_no_poisonous_update_holds_up_what_comes_behind_it(server: TelegramServer, chat: Phone) -> None:
    before = len(chat.told)
    private, person = {"id": chat.id, "type": "private"}, {"id": chat.id, "first_name": "Ada"}
    message = {"message_id": 1, "from": person, "chat": private, "text": "poison"}
    server.bring()
    server.bring(message=7)
    server.bring(edited_message=[], callback_query="x")
    server.bring(message={**message, "from": {"id": 1e999}, "chat": {"id": 1e999, "type": "private"}})
    server.bring(message={**message, "from": {**person, "first_name": ["x"], "language_code": {}}})
    server.bring(message={**message, "text": {"a": 1}, "photo": "p", "document": 3, "date": "never"})
    server.bring(message={**message, "document": {"file_id": {}, "file_name": None, "file_size": "much"}})
    server.bring(callback_query={"id": 1, "from": person, "message": message, "data": 9, "chat_instance": []})
    chat.say("Are you still there? [[n=3]]")

    assert chat.hear(before) == "w0 w1 w2."
    assert len(chat.told) == before + 1


def test_a_file_that_is_not_there_is_one_notice_in_the_language_of_its_chat(crowd: list[Phone]) -> None:
    korean, before = crowd[-1], len(crowd[-1].told)
    korean.put(photo=[{"file_id": "gone", "width": 1, "height": 1, "file_size": 3}])
    korean.say("오늘 날씨는 어때요? 🎉")
    korean.hear(before + 1)

    notice, answer = korean.told[before:]
    assert notice == "⚠️ Telegram에서 파일을 가져오지 못했습니다. 다시 보내 주세요."
    assert answer.startswith("“오늘 날씨는 어때요? 🎉”라고 하셨네요.")


@pytest.mark.parametrize("letters", ["🎉x", f"{FAMILY}a"])
def test_an_emoji_exactly_where_a_message_ends_stays_whole(chat: Phone, letters: str) -> None:
    before, times = len(chat.told), 4600 // units(letters)
    chat.say(f"[[say={letters}]] [[n={times}]]")
    chat.hear(before + 1)

    first, second = chat.told[before:]
    assert units(first) == LIMIT - 1
    assert first + second == letters * times
    assert second.startswith(letters)


def test_an_answer_of_100_kb_comes_whole_in_parts_at_the_pace_of_the_chat(
    server: TelegramServer, crowd: list[Phone], book: str
) -> None:
    reader = crowd[0]
    wait_for(lambda: reader.told and reader.told[-1].endswith("."), "the end of the book", 180)

    parts = reader.told[GREETINGS:]
    assert len(book) > 100_000
    assert all(units(part) <= LIMIT for part in parts)
    assert "".join(parts) == book
    times = [at for at, number, method in server.chats.changes if number == reader.id and method == "sendMessage"]
    assert times[-1] - times[GREETINGS] >= len(parts) - 1


def test_a_chat_that_asks_to_wait_is_waited_for(server: TelegramServer, chat: Phone) -> None:
    before, struck = len(chat.seen), len(server.struck)
    busy = Fault(429, "Too Many Requests: retry after 2", retry_after=2)
    server.faults = {"sendMessage": [busy], "editMessageText": [busy]}
    chat.say("Slowly [[n=8]]")
    chat.hear(before)

    assert len(chat.seen) == before + 1
    changes = [at for at, number, _ in server.chats.changes if number == chat.id]
    for asked, _, fault in server.struck[struck:]:
        assert min(at for at in changes if at > asked) - asked >= (fault.retry_after or 0)


def test_markup_that_is_refused_is_said_in_plain_words(server: TelegramServer, chat: Phone) -> None:
    before, calls = len(chat.told), len(server.calls)
    refused = Fault(400, "Bad Request: can't parse entities: unsupported start tag at byte offset 3")
    server.faults = {"editMessageText": [refused]}
    chat.say("[[say=**This** is `bold`.]]")

    assert chat.hear(before) == "This is bold."
    edits = [call for method, call in server.calls[calls:] if method == "editMessageText"]
    assert [len(call.get("entities", ())) for call in edits] == [2, 0]


def test_calls_whose_answer_was_lost_leave_one_answer(server: TelegramServer, chat: Phone) -> None:
    """Of a message that may have been sent, at most a placeholder stays."""
    before = len(chat.told)
    server.faults = {"sendMessage": [LOST], "editMessageText": [LOST, LOST]}
    chat.say("Again and again [[n=8]]")

    assert chat.hear(before) == "w0 w1 w2 w3 w4 w5 w6 w7."
    wait_for(lambda: not any(server.faults.values()), "all that was ordered")
    chat.say("Then this [[n=2]]")
    chat.hear(before + 1)
    assert chat.told[before:] == ["w0 w1 w2 w3 w4 w5 w6 w7.", "w0 w1."]
    assert len(chat.seen) <= len(chat.told) + 1


def test_what_is_said_on_the_page_is_told_in_every_linked_chat_and_nothing_of_one_chat_in_another(
    page: Page, crowd: list[Phone], conversation: str
) -> None:
    page.rest("PUT", "/settings", {"mirrorToTelegram": True})
    before = [len(phone.told) for phone in crowd]
    crowd[0].say("Between us [[n=2]]")
    crowd[0].hear(before[0])
    page.answer(page.send("For all [[n=5]]", conversation))

    told = "For all [[n=5]]\n\nw0 w1 w2 w3 w4."
    for phone in crowd:
        phone.wait(f"🖥 {'웹 페이지에서' if phone.language == 'ko' else 'From the web page'}:\n{told}")
    after = [len(phone.told) for phone in crowd]
    assert [now - then for then, now in zip(before, after, strict=True)] == [2] + [1] * (len(crowd) - 1)
    page.rest("PUT", "/settings", {"mirrorToTelegram": False})
