from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from chalicelib.domain.attachment import File
from chalicelib.domain.telegram_text import LIMIT, Words, units
from chalicelib.errors import ChatBusy, ChatRefused, ChatUnavailable, MessageTooLarge
from container.bridge.ports import FilesMissing
from tests.fakes.courier import CHAT, SPOKEN, Scene
from tests.tables.scenes import USER

WAKING = Words("💤 Waking up …")
PHOTO = File("f1", "photo.jpg", "image/jpeg", 3)


class Growing(Scene):
    """A turn that says a word whenever something is shown or typed, and then ends."""

    words: list[str]

    def answer(self, *words: str) -> None:
        self.words = list(words)
        self.begin()
        bot, grow = self.bot, self._grow

        class Listening(type(bot)):  # type: ignore[misc]
            def _fail(self, method: str) -> None:
                super()._fail(method)
                if method in ("type", "draft", "edit", "send"):
                    grow()

        bot.__class__ = Listening
        self.run()
        bot.__class__ = Listening.__mro__[1]

    def _grow(self) -> None:
        if self.words:
            self.show(self.words.pop(0))
        elif not self.delivered and (post := self.courier.posts.find(SPOKEN.id)) and not post.final:
            self.deliver(post.text)


@pytest.fixture
def scene() -> Growing:
    return Growing()


def test_somebody_types_until_there_is_a_word(scene: Growing) -> None:
    scene.answer("I", "I am", "I am well.")

    assert scene.bot.typed >= 1
    assert scene.said == ["I am well."]


def test_the_answer_streams_by_drafts_and_ends_as_one_message(scene: Growing) -> None:
    scene.answer("I", "I am", "I am well.")

    assert [text for _, text in scene.bot.drafts] == ["I ▌", "I am ▌", "I am well. ▌"]
    assert scene.said == ["I am well."]
    assert scene.bot.calls.count("send") == 1


def test_where_drafts_are_not_possible_one_message_is_edited(scene: Growing) -> None:
    scene.bot.takes_drafts = False
    scene.answer("I", "I am", "I am well")

    assert scene.bot.calls.count("send") == 1
    assert scene.bot.calls.count("draft") == 1
    assert scene.said == ["I am well"]


def test_a_draft_that_fails_is_no_reason_to_stop(scene: Growing) -> None:
    scene.bot.faults["draft"] = [ChatUnavailable("no answer")]
    scene.answer("I", "I am well")

    assert scene.said == ["I am well"]


def test_a_draft_too_many_is_waited_for(scene: Growing) -> None:
    scene.bot.faults["draft"] = [ChatBusy(5)]
    scene.answer("I", "I am", "I am well")

    assert scene.bot.calls.count("draft") > 1
    assert scene.said == ["I am well"]


def test_a_chat_sees_at_most_one_change_a_second(scene: Growing) -> None:
    times = []

    class Timed(type(scene.bot)):  # type: ignore[misc]
        def draft(self, *args: object) -> None:
            times.append(scene.clock())
            super().draft(*args)

    scene.bot.__class__ = Timed
    scene.answer(*("word " * size for size in range(1, 20)))

    assert len(times) > 5
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(times))


def test_a_draft_does_not_fade_while_a_tool_works(scene: Growing) -> None:
    scene.answer("Let me look.", *["Let me look."] * 12)

    assert len(scene.bot.drafts) >= 2
    assert {text for _, text in scene.bot.drafts} == {"Let me look. ▌"}


def test_an_answer_longer_than_a_message_shows_its_end_while_it_grows(scene: Growing) -> None:
    scene.answer("", "a" * 3000, "a" * 5000 + "b")

    assert scene.bot.drafts[-1][1].endswith("ab ▌")
    assert all(units(text) <= LIMIT for _, text in scene.bot.drafts)


def test_a_line_that_stands_there_is_the_message_that_is_edited(scene: Growing) -> None:
    scene.rows.bubbles.begin(USER, SPOKEN.id, scene.bot.send(CHAT, WAKING), scene.clock())
    scene.answer("I", "I am well")

    assert scene.bot.drafts == []
    assert scene.said == ["I am well"]
    assert scene.bot.calls.count("send") == 1


def test_a_container_of_an_older_epoch_shows_nothing_any_more(scene: Growing) -> None:
    scene.rows.bubbles.begin(USER, SPOKEN.id, scene.bot.send(CHAT, WAKING), scene.clock())
    scene.begin()
    scene.courier.posts.find(SPOKEN.id)
    scene.bot.faults["edit"] = [None, RuntimeError("must not be called")]

    class Overtaken(type(scene.bot)):  # type: ignore[misc]
        def edit(self, *args: object) -> None:
            scene.rows.bubbles.own(USER, SPOKEN.id, 2)
            scene.show("old words")
            super().edit(*args)

    scene.bot.__class__ = Overtaken
    scene.run()

    assert scene.said == ["💭 …"]


def test_a_turn_that_is_given_back_is_left_to_the_next_container(scene: Growing) -> None:
    scene.begin()
    scene.channel.drop(SPOKEN)
    scene.run()

    assert scene.bot.calls == []


def test_a_refusal_while_it_streams_does_not_lose_the_answer(scene: Growing) -> None:
    scene.bot.takes_drafts = False
    scene.bot.faults["send"] = [ChatRefused("Bad Request")]
    scene.begin()
    scene.show("I")
    scene.run()
    scene.show("I am")
    scene.deliver("I am well.")
    scene.run()

    assert scene.said == ["I am well."]


def test_an_answer_that_is_ready_while_its_preview_is_refused_is_told(scene: Growing) -> None:
    scene.bot.takes_drafts = False
    scene.begin()
    scene.show("I am")

    class Slow(type(scene.bot)):  # type: ignore[misc]
        def send(self, *args: object) -> int:
            if not scene.courier.posts.find(SPOKEN.id).final:  # type: ignore[union-attr]
                scene.deliver("I am well.")
                raise ChatRefused("Bad Request")
            return int(super().send(*args))

    scene.bot.__class__ = Slow
    scene.run()

    assert (scene.said, len(scene.delivered)) == (["I am well."], 1)


def test_typing_is_worth_no_trouble(scene: Growing) -> None:
    scene.bot.faults["type"] = [ChatUnavailable("no answer"), ChatRefused("unknown method"), ChatBusy(3)]
    scene.answer("", "", "", "I am well.")

    assert scene.said == ["I am well."]


def test_files_are_fetched_for_the_agent(scene: Growing) -> None:
    scene.bot.files["f1"] = b"jpg"
    scene.bot.faults["fetch"] = [ChatUnavailable("no answer"), ChatBusy(4)]

    (attachment,) = scene.channel.attachments(replace(SPOKEN, files=(PHOTO,)))

    assert (attachment.mime_type, attachment.file_name, attachment.content) == ("image/jpeg", "photo.jpg", b"jpg")


@pytest.mark.parametrize(
    ("language", "fault", "told"),
    [
        ("en", [ChatUnavailable("no answer")] * 3, "The file could not be fetched from Telegram. Send it again."),
        ("ko", [ChatUnavailable("no answer")] * 3, "Telegram에서 파일을 가져오지 못했습니다. 다시 보내 주세요."),
        ("en", [ChatRefused("wrong file_id")], "The file could not be fetched from Telegram. Send it again."),
        ("en", [MessageTooLarge("7 MB")], "photo.jpg is too large: 6 MB at most."),
        ("ko", [MessageTooLarge("7 MB")], "photo.jpg 파일이 너무 큽니다. 최대 6 MB입니다."),
    ],
)
def test_a_file_that_cannot_be_had_is_told_in_the_language_of_the_chat(
    language: str, fault: list[BaseException | None], told: str
) -> None:
    scene = Scene(language=language)
    scene.bot.faults["fetch"] = fault

    with pytest.raises(FilesMissing) as raised:
        scene.channel.attachments(replace(SPOKEN, files=(PHOTO,)))

    failure = raised.value.failure
    assert failure.retryable == ("6 MB" not in told)
    scene.deliver(failure)
    scene.run()
    assert scene.said == [f"⚠️ {told}"]


@pytest.mark.parametrize("fault", [ChatRefused("gone"), MessageTooLarge("7 MB")])
def test_a_file_that_a_message_only_refers_to_may_be_missing(scene: Growing, fault: BaseException) -> None:
    scene.bot.files["f1"] = b"jpg"
    scene.bot.faults["fetch"] = [None, fault]
    files = (PHOTO, replace(PHOTO, name="old.jpg", optional=True))

    own, answered = scene.channel.attachments(replace(SPOKEN, files=files))

    assert own.content == b"jpg"
    assert (answered.mime_type, answered.file_name) == ("text/plain", "old.jpg.txt")
    assert answered.content == b"This file could not be fetched from Telegram.\n"


def test_a_chat_that_was_unlinked_meanwhile_is_told_in_english() -> None:
    scene = Scene(language="ko")
    scene.rows.links.remove(scene.rows.links.list(USER)[0])
    scene.bot.faults["fetch"] = [ChatRefused("wrong file_id")]

    with pytest.raises(FilesMissing, match="could not be fetched"):
        scene.channel.attachments(replace(SPOKEN, files=(PHOTO,)))
