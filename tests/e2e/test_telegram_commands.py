"""What a phone can do besides talking, end to end: commands, buttons, files, and what the bot does not understand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.domain.telegram_words import COMMANDS, say
from tests.e2e.page import Page
from tests.e2e.phone import Phone
from tests.e2e.product import Product, wait_for
from tests.fakes.telegram_server import TelegramServer

BLOCK = "x = 1\n" * 60
CHAPTER = f"{'word ' * 400}\n\n```python\n{BLOCK}```\n\n"


@pytest.fixture(scope="module")
def product(bot: Product, phone: Phone) -> Product:
    """The one that the page shows; its agent was woken from the chat, which has a conversation."""
    phone.say("/wake")
    phone.wait(say("en", "waking"))
    phone.say("A trip to Busan [[n=2]]")
    phone.wait("w0 w1.")
    return bot


def test_every_command_is_in_the_menu_in_both_languages(server: TelegramServer, product: Product) -> None:
    for code, language in (("", "en"), ("ko", "ko")):
        assert {each["command"]: each["description"] for each in server.chats.menus[code]} == COMMANDS[language]


def test_a_new_conversation_begins_and_the_old_one_is_chosen_by_a_button(page: Page, phone: Phone) -> None:
    phone.say("/new")
    phone.wait(say("en", "new"))
    phone.say("Dinner [[n=3]]")
    phone.wait("w0 w1 w2.")
    phone.say("/conversations")
    phone.wait(say("en", "choose_conversation"))
    phone.press("A trip to Busan")
    wait_for(lambda: any(text.startswith("Now in: A trip to Busan") for text in phone.seen), "the choice")
    phone.say("The day after [[n=4]]")
    phone.wait("w0 w1 w2 w3.")

    talks = {
        each["title"].partition(" [")[0]: each["id"] for each in page.rest("GET", "/conversations")["conversations"]
    }
    said = [entry["text"] for entry in page.history(talks["A trip to Busan"]) if entry["role"] == "agent"]
    assert said == ["w0 w1.", "w0 w1 w2 w3."]


def test_the_model_is_chosen_by_a_button(page: Page, phone: Phone) -> None:
    phone.say("/model")
    phone.wait("Which model? Now: demo/demo-1")
    phone.press("Demo model")
    phone.wait("From the next message on: demo/demo-1")

    assert page.rest("GET", "/settings")["model"] == "demo/demo-1"


@pytest.fixture
def guarded(page: Page) -> Iterator[None]:
    """Its agent asks first."""
    page.rest("PUT", "/settings", {"permissionMode": "guarded"})
    yield
    page.rest("PUT", "/settings", {"permissionMode": "full"})


@pytest.mark.parametrize(("label", "key"), [("Allow once", "allowed"), ("Deny", "denied")])
def test_a_command_waits_for_a_button(guarded: None, product: Product, phone: Phone, label: str, key: str) -> None:
    phone.say(f'Do it [[tool=exec {{"command":"touch {key}.txt"}}]] [[say=It was {key}.]]')
    command = f"touch {key}.txt"
    phone.wait(f"{say('en', 'asks')}\n\n{command}")
    assert not list(product.state.rglob(f"{key}.txt"))
    phone.press(label)
    phone.wait(f"It was {key}.")
    phone.wait(say("en", key, command=command))
    assert bool(list(product.state.rglob(f"{key}.txt"))) == (key == "allowed")


def test_stop_ends_the_answer_that_is_being_written(page: Page, phone: Phone) -> None:
    phone.say("For ever [[n=500]] [[delay=0.1]]")
    page.wait(lambda frame: frame["type"] == "stream_chunk" and frame["content"], "the first word")
    phone.say("/stop")

    phone.wait(say("en", "stopped"))
    stopped = wait_for(lambda: [text for text in phone.told if text.endswith(say("en", "cancelled"))], "its end")
    assert stopped[0].startswith("w0")


def test_heavy_asks_the_larger_machine_and_usage_counts(page: Page, phone: Phone) -> None:
    phone.say("/heavy Think hard [[n=6]]")
    phone.wait("w0 w1 w2 w3 w4 w5.")
    phone.say("/usage")

    wait_for(lambda: phone.seen[-1].startswith("Today: "), "the count")
    asked = page.wait(lambda frame: frame.get("text") == "Think hard [[n=6]]", "the question on the page")
    assert asked["runtime"] == "fargate"


def test_a_document_is_given_to_the_agent(product: Product, server: TelegramServer, phone: Phone) -> None:
    server.chats.files["d1"] = b"milk, bread and a kite"
    paper = {"file_id": "d1", "file_name": "list.txt", "mime_type": "text/plain", "file_size": 22}
    before = len(phone.told)
    phone.put(document=paper, caption="What is on it?")

    phone.hear(before)
    assert any("kite" in file.read_text(errors="replace") for file in product.state.rglob("*list*.txt*"))


def test_blocks_of_code_are_kept_whole(server: TelegramServer, phone: Phone) -> None:
    before = len(phone.told)
    phone.say(f"[[say={CHAPTER}]] [[n=4]]")
    wait_for(lambda: "".join(phone.told[before:]).count("x = 1") == 240, "the chapters")

    calls = [call for _, call in sorted(server.chats.messages[phone.id].items())][before:]
    blocks = [each for call in calls for each in call.get("entities", ()) if each["type"] == "pre"]
    assert len(calls) > 1
    assert {(block["language"], block["length"]) for block in blocks} == {("python", len(BLOCK.strip()))}
    assert len(blocks) == 4


def test_what_cannot_be_read_is_refused_politely_and_the_rest_is_ignored(server: TelegramServer, phone: Phone) -> None:
    before = len(phone.told)
    person, chat = {"id": phone.id, "first_name": "Ada"}, {"id": phone.id, "type": "private"}
    phone.put(voice={"file_id": "v", "duration": 3})
    server.bring(edited_message={"message_id": 9, "from": person, "chat": chat, "text": "Hallo"})
    server.bring(edited_message={"message_id": 9, "from": person, "chat": chat, "text": "Hello"})
    server.bring(message={"message_id": 9, "from": person, "chat": {"id": -100, "type": "group"}, "text": "Hello"})
    server.bring(channel_post={"message_id": 9, "chat": chat, "text": "Hello"})
    phone.put(document={"file_id": "big", "file_name": "film.mov", "file_size": 11_000_000})
    phone.say("/help")
    phone.hear(before + 3)

    assert phone.told[before : before + 3] == [
        *(say("en", "unreadable"), say("en", "edited"), say("en", "too_large", name="film.mov", limit=10)),
    ]
    assert phone.told[before + 3].startswith("Write to me")


def test_the_agent_is_put_to_sleep_and_commands_do_not_wake_it(page: Page, phone: Phone) -> None:
    phone.say("/sleep")
    phone.wait(say("en", "sleeping"))
    wait_for(lambda: page.rest("GET", "/status")["status"] == "idle", "an agent that sleeps", 60)
    phone.say("/status")

    wait_for(lambda: phone.seen[-1].startswith("Agent: asleep"), "the status")
    assert page.rest("GET", "/status")["status"] == "idle"


def test_a_chat_that_unlinks_itself_is_a_stranger_again(page: Page, phone: Phone) -> None:
    phone.say("/unlink")
    phone.wait(say("en", "unlink"))
    phone.press("Unlink")
    phone.wait(say("en", "unlinked"))
    phone.say("Hello?")

    phone.wait(say("en", "stranger"))
    assert page.rest("GET", "/links")["links"] == []
