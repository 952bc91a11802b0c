"""What an app spreads over several messages is one message; and what is no message gets an answer all the same."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.telegram_words import WORDS, say
from chalicelib.domain.text import MOST_CHARACTERS
from chalicelib.errors import ConditionFailed
from tests.fakes.world import USER, World
from tests.services.telegram_scenes import PHONE, Phone

LONG = "x" * 4096


@pytest.fixture
def phone(world: World) -> Phone:
    phone = Phone(world)
    phone.pair()
    return phone


def texts(world: World) -> list[str]:
    return [message.text for message in world.inbox.pending(USER)]


def photo(phone: Phone, name: str = "f", **fields: Any) -> dict[str, Any]:
    size = {"file_id": name, "width": 9, "height": 9, "file_size": 3}
    return phone.update(message=phone.message(photo=[size], media_group_id="album", **fields))


def test_an_album_is_one_message_with_one_line_in_the_chat(world: World, phone: Phone) -> None:
    updates = [photo(phone, "a", caption="Which one?"), photo(phone, "b"), photo(phone, "c")]
    for update in (updates[2], updates[0], updates[0], updates[1]):
        phone.deliver(update)

    (message,) = world.inbox.pending(USER)
    assert message.text == "Which one?"
    assert [file.id for file in message.files] == ["a", "b", "c"]
    assert phone.said == ["💤 Waking up … about 34 s"]
    assert world.push.last("laptop", "message")["text"] == "Which one?"


def test_a_text_that_the_app_has_cut_is_one_message(world: World, phone: Phone) -> None:
    for part in (LONG, LONG, "the end"):
        phone.say(part)

    assert texts(world) == [LONG + LONG + "the end"]


def test_a_part_that_begins_like_an_unknown_command_is_a_part_all_the_same(world: World, phone: Phone) -> None:
    phone.say(LONG)
    phone.say("/usr is full")
    assert texts(world) == [LONG + "/usr is full"]

    phone.say("/usr is full")
    assert phone.said[-1].startswith("I do not know /usr")


def test_such_a_part_that_loses_a_race_is_told_the_commands(world: World, phone: Phone) -> None:
    phone.say(LONG)
    write = world.store.write

    def refuse(*writes: Any) -> Any:
        world.store.write = write  # type: ignore[method-assign]
        raise ConditionFailed("it has just been begun")

    world.store.write = refuse  # type: ignore[method-assign]
    phone.say("/usr is full")

    assert texts(world) == [LONG]
    assert phone.said[-1].startswith("I do not know /usr")


def test_what_is_said_a_moment_later_is_a_message_of_its_own(world: World, phone: Phone) -> None:
    phone.say(LONG)
    world.clock.advance(seconds=5)
    phone.say("And now?")

    assert texts(world) == [LONG, "And now?"]


def test_a_new_conversation_begins_with_what_stands_behind_the_command(world: World, phone: Phone) -> None:
    phone.say("Hello")
    update = phone.say("/new\nPlan a trip")
    phone.say("To Busan")
    phone.deliver(update)
    phone.say("By train")

    first, *others = world.inbox.pending(USER)
    assert [message.text for message in others] == ["Plan a trip", "To Busan", "By train"]
    assert len({message.conversation_id for message in others} - {first.conversation_id}) == 1


def test_a_new_conversation_that_comes_again_later_does_not_lead_back(world: World, phone: Phone) -> None:
    update = phone.say("/new Plan a trip")
    phone.say("/new Something else")
    phone.deliver(update)
    phone.say("Go on")

    conversations = [message.conversation_id for message in world.inbox.pending(USER)]
    assert conversations[2] == conversations[1] != conversations[0]


def test_ask_and_heavy_may_be_followed_by_a_line_break(world: World, phone: Phone) -> None:
    for text in ("/ask\nWhy?", "/HEAVY\nHow?", "/ask"):
        phone.say(text)

    assert [(each.text, each.runtime) for each in world.inbox.pending(USER)] == [("Why?", "auto"), ("How?", "fargate")]
    assert phone.said[-1] == "Write the question behind it: /ask …"


def test_an_unknown_command_gets_the_list_and_starts_nothing(world: World, phone: Phone) -> None:
    phone.say("/frobnicate now")
    phone.person["language_code"] = "ko"
    phone.say("/frobnicate now")

    assert "/stop: Stop the answer" in phone.said[0]
    assert phone.said[1].startswith("/frobnicate 은(는) 모르는 명령")
    assert (texts(world), world.tasks.tasks) == ([], {})


@pytest.mark.parametrize(
    "kind", ["voice", "video_note", "audio", "video", "animation", "story", "game", "something_new"]
)
def test_what_cannot_be_looked_at_gets_an_answer(world: World, phone: Phone, kind: str) -> None:
    phone.deliver(phone.update(message=phone.message(**{kind: {"file_id": "f"}})))

    assert phone.said == [WORDS["en"]["unreadable"]]
    assert world.tasks.tasks == {}


def test_five_films_of_an_album_get_one_answer(world: World, phone: Phone) -> None:
    for _ in range(5):
        phone.deliver(phone.update(message=phone.message(video={"file_id": "f"}, media_group_id="films")))

    assert phone.said == [WORDS["en"]["unreadable"]]


def test_a_text_of_nothing_gets_an_answer_and_a_service_message_none(world: World, phone: Phone) -> None:
    phone.say("\u200b")
    phone.deliver(phone.update(message=phone.message(pinned_message={"text": "x"})))

    assert phone.said == ["There is nothing to read in this message."]


def test_a_file_of_an_album_that_is_too_large_does_not_keep_the_others_back(world: World, phone: Phone) -> None:
    film = {"file_id": "big", "file_name": "film.mov", "file_size": 11_000_000}
    phone.deliver(photo(phone, "a", caption="Look"))
    phone.deliver(phone.update(message=phone.message(document=film, media_group_id="album")))

    (message,) = world.inbox.pending(USER)
    assert [file.id for file in message.files] == ["a"]
    assert "film.mov is not attached: 10 MB at most" in message.text
    assert phone.said[-1] == "film.mov is too large: 10 MB at most."


def test_a_text_that_is_too_long_is_refused_with_words_and_never_cut(world: World, phone: Phone) -> None:
    phone.say("x" * (MOST_CHARACTERS + 1))
    phone.say("x" * MOST_CHARACTERS)

    assert phone.said[0] == say("en", "too_long", limit=MOST_CHARACTERS)
    assert [len(text) for text in texts(world)] == [MOST_CHARACTERS]


def test_the_answer_to_a_photo_brings_the_photo_as_something_that_may_be_missing(world: World, phone: Phone) -> None:
    answered = {"from": phone.person, "photo": [{"file_id": "old", "width": 9, "height": 9, "file_size": 3}]}
    phone.deliver(phone.update(message=phone.message(text="What is it?", reply_to_message=answered)))

    (message,) = world.inbox.pending(USER)
    assert [(file.id, file.optional) for file in message.files] == [("old", True)]
    assert message.reply_to == str(PHONE)
