"""Files that come with an answer: behind its words, each once, whatever breaks on the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.conversation import Entry, media_key
from chalicelib.domain.kept import Media, kind_of_file
from chalicelib.domain.turn import Failed, Finished
from chalicelib.errors import ChatBusy, ChatRefused, ChatUnavailable
from chalicelib.tables.answers import delivery_of
from container.bridge.telegram.courier import GIVE_UP
from tests.fakes.courier import CHAT, SPOKEN, Killed, Scene
from tests.tables.scenes import USER, ended

MEGABYTE = 1024 * 1024
PNG = ("chart.png", "image/png")
CSV = ("표.csv", "text/csv")


def answered(scene: Scene, text: str, *files: tuple[str, str], size: int = 3) -> Entry:
    """An answer with files is committed, and is to be told in the chat."""
    media = tuple(
        Media(f"m{number}", kind_of_file(mime_type), name, mime_type, size)
        for number, (name, mime_type) in enumerate(files)
    )
    for each in media:
        scene.objects.put_file(media_key(USER, each.id), each.name.encode(), each.name, each.mime_type)
    entry = replace(ended(SPOKEN, Finished(text, "stop", None), scene.clock()), media=media)
    scene.bring(replace(delivery_of(SPOKEN, entry), channel="telegram", reply_to=str(CHAT)), entry)
    return entry


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_files_stand_behind_the_words_in_their_order(scene: Scene) -> None:
    answered(scene, "Here they are.", CSV, PNG)
    scene.run()

    assert scene.said == ["Here they are.", "[document 표.csv]", "[photo chart.png]"]
    assert [file.content.decode() for file in scene.bot.shown.values()] == ["표.csv", "chart.png"]
    assert len(scene.delivered) == 1


def test_a_file_is_announced_by_its_name_until_it_is_there(scene: Scene) -> None:
    scene.bot.faults["put_file"] = [Killed()]
    answered(scene, "Here it is.", PNG)
    scene.run()

    assert scene.said == ["Here it is.", "📎 chart.png"]


def test_a_file_without_a_word_takes_the_place_of_the_line_that_told_of_the_start(scene: Scene) -> None:
    scene.begin()
    scene.show("…")
    answered(scene, "", PNG)
    scene.run()

    assert scene.said == ["[photo chart.png]"]


@pytest.mark.parametrize(
    ("mime_type", "size", "kind"),
    [
        ("image/png", 10 * MEGABYTE, "photo"),
        ("image/png", 10 * MEGABYTE + 1, "document"),
        ("image/jpeg", 3, "photo"),
        ("image/webp", 3, "photo"),
        ("image/gif", 3, "document"),  # it moves
        ("image/svg+xml", 3, "document"),
        ("image/heic", 3, "document"),
        ("text/html", 3, "document"),
        ("audio/mpeg", 3, "document"),
        ("application/octet-stream", 3, "document"),
    ],
)
def test_what_telegram_takes_as_a_photo_is_one(scene: Scene, mime_type: str, size: int, kind: str) -> None:
    answered(scene, "", ("x", mime_type), size=size)
    scene.run()

    assert scene.said == [f"[{kind} x]"]


@pytest.mark.parametrize("afterwards", [False, True])
@pytest.mark.parametrize("method", ["send", "edit", "put_file"])
@pytest.mark.parametrize("call", [0, 1])
def test_a_container_that_dies_on_the_way_leaves_each_file_once(
    scene: Scene, method: str, call: int, afterwards: bool
) -> None:
    scene.bot.faults[method] = [*[None] * call, Killed()]
    scene.bot.afterwards = afterwards and method == "put_file"
    answered(scene, "Here they are.", PNG, CSV)
    scene.run()
    scene.bot.afterwards = False
    heir = scene.successor()
    answered(heir, "Here they are.", PNG, CSV)
    heir.run()

    assert heir.said == ["Here they are.", "[photo chart.png]", "[document 표.csv]"]
    assert len(heir.delivered) == 1


@pytest.mark.parametrize("fault", [ChatBusy(9), ChatUnavailable("time-out")])
@pytest.mark.parametrize("afterwards", [False, True])
def test_a_file_that_did_not_go_through_is_put_there_again(
    scene: Scene, fault: ChatUnavailable, afterwards: bool
) -> None:
    scene.bot.faults["put_file"], scene.bot.afterwards = [fault], afterwards
    answered(scene, "", PNG)
    scene.run()

    assert scene.said == ["[photo chart.png]"]
    assert scene.bot.calls.count("put_file") == 2


def test_a_bucket_that_is_away_delays_the_file_and_not_the_words(scene: Scene) -> None:
    began = scene.clock()
    answered(scene, "Here it is.", PNG)
    scene.objects.refuses = lambda call: call.startswith("get") and (scene.clock() - began).total_seconds() < 60
    scene.run()

    assert scene.said == ["Here it is.", "[photo chart.png]"]


def test_a_photo_that_telegram_refuses_is_a_document(scene: Scene) -> None:
    scene.bot.faults["put_file"] = [ChatRefused("Bad Request: PHOTO_INVALID_DIMENSIONS")]
    answered(scene, "Long.", PNG)
    scene.run()

    assert scene.said == ["Long.", "[document chart.png]"]


def test_a_server_that_puts_no_file_in_place_of_a_text_is_sent_it(scene: Scene) -> None:
    """A Bot API server of one's own may be older than that."""
    scene.bot.faults["put_file"] = [ChatRefused("Not Found")] * 9
    answered(scene, "Both.", PNG, CSV)
    scene.run()

    assert scene.said == ["Both.", "[photo chart.png]", "[document 표.csv]"]
    assert scene.bot.calls.count("send_file") == 2


@pytest.mark.parametrize(("language", "words"), [("en", "could not be sent here"), ("ko", "보내지 못했습니다")])
def test_a_file_that_is_refused_in_every_way_is_told_of_in_words(language: str, words: str) -> None:
    scene = Scene(language=language)
    scene.bot.faults["put_file"] = scene.bot.faults["send_file"] = [ChatRefused("no")] * 9
    answered(scene, "Look.", PNG, CSV)
    scene.run()

    said = scene.said
    assert [said[0], len(said), len(scene.delivered)] == ["Look.", 3, 1]
    assert all(words in told for told in said[1:]) and "chart.png" in said[1]


def test_a_file_that_the_bucket_has_no_more_is_told_of_in_words(scene: Scene) -> None:
    answered(scene, "Look.", PNG)
    scene.objects.delete([media_key(USER, "m0")])
    scene.run()

    assert scene.said == ["Look.", "📎 chart.png could not be sent here. Look for it on the web page."]


def test_a_message_that_the_person_deleted_is_replaced(scene: Scene) -> None:
    scene.bot.faults["put_file"] = [ChatUnavailable("time-out")]
    answered(scene, "Look.", PNG)
    put, gone = scene.bot.put_file, [2]

    class Deleting(type(scene.bot)):  # type: ignore[misc]
        def put_file(self, chat: int, message: int, file: object) -> None:
            if gone:
                self.chats[chat].pop(message)
                gone.pop()
            put(chat, message, file)  # type: ignore[arg-type]

    scene.bot.__class__ = Deleting
    scene.run()

    assert scene.said == ["Look.", "[photo chart.png]"]


def test_a_notice_brings_its_files_too(scene: Scene) -> None:
    entry = answered(scene, "", PNG)
    scene.courier.posts.remove(str(entry.turn))
    notice = replace(ended(SPOKEN, Failed("internal", "A fault.", True), scene.clock()), media=entry.media)
    scene.bring(replace(delivery_of(SPOKEN, notice), channel="telegram", reply_to=str(CHAT)), notice)
    scene.run()

    assert scene.said == ["⚠️ A fault.", "[photo chart.png]"]


def test_files_that_do_not_get_through_for_half_an_hour_keep_nobody_awake(scene: Scene) -> None:
    began = scene.clock()
    scene.bot.faults["put_file"] = [ChatUnavailable("no answer")] * 100
    answered(scene, "Look.", PNG)
    scene.run()

    assert len(scene.delivered) == 1
    assert scene.clock() - began < 2 * GIVE_UP
