"""What an answer brings besides its words: files are in the bucket before it is committed, or it says why not."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from chalicelib.domain.conversation import Entry, media_key
from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.inbox import Draft
from chalicelib.domain.kept import KeptTool
from chalicelib.domain.turn import Finished, Handed, Tool, Waiting
from container.bridge.turns.media import MOST_BYTES, MOST_FILES, MediaShelf
from tests.fakes.bridge import Desk
from tests.fakes.clock import NOON
from tests.fakes.values import MESSAGE, TALK
from tests.tables.scenes import USER

PNG = Handed("chart.png", "image/png", "a1")
_messages = count(1)


def answered(desk: Desk, *handed: Handed, text: str = "Here", question: str = "Draw") -> Entry:
    """A turn that hands over these files; the answer as it is kept."""
    desk.gateway.outcome = Finished(text, "stop", None, handed=handed)
    name = f"m{next(_messages)}"
    desk.rows.inbox.accept(Draft(USER, name, TALK, question), name, NOON)
    desk.settle()
    return desk.rows.conversations.entries(USER, TALK)[-1]


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.gateway.files = {"a1": b"png", "a2": b"a,b"}
    return desk


def test_a_file_is_in_the_bucket_and_named_by_the_answer_live_and_later(desk: Desk) -> None:
    answer = answered(desk, PNG, Handed("표.csv", "", "a2"))

    picture, sheet = answer.media
    assert (picture.name, picture.kind, picture.mime_type, picture.bytes) == ("chart.png", "image", "image/png", 3)
    assert (sheet.name, sheet.kind, sheet.mime_type) == ("표.csv", "file", "text/csv")
    assert desk.objects.bodies[media_key(USER, picture.id)] == b"png"
    assert desk.objects.forms[media_key(USER, sheet.id)] == ("표.csv", "text/csv")
    frames = [frame for frame in desk.push.frames["page"] if frame["type"] == "media"]
    assert [(frame["n"], frame["id"], frame["name"]) for frame in frames] == [
        (1, picture.id, "chart.png"),
        (2, sheet.id, "표.csv"),
    ]
    assert desk.shown().index("media") < desk.shown().index("stream_end")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    ("file", "english", "korean"),
    [
        (
            Handed("a.html", problem="refused"),
            "a.html could not be handed over: files of this kind are not.",
            "a.html 파일을 전달하지 못했습니다. 이 형식은 전달할 수 없습니다.",
        ),
        (
            Handed("b.png", problem="missing"),
            "b.png could not be handed over: it is not there.",
            "b.png 파일을 전달하지 못했습니다. 파일이 없습니다.",
        ),
        (Handed("c.png", "image/png", "gone"), "A file could not be handed over.", "파일 하나를 전달하지 못했습니다."),
        (
            Handed("d.pdf", "application/pdf", "large"),
            "d.pdf could not be handed over: it has more than 20 MB.",
            "d.pdf 파일을 전달하지 못했습니다. 20 MB를 넘습니다.",
        ),
    ],
)
def test_a_file_that_does_not_come_is_told_of_in_the_answer(
    desk: Desk, file: Handed, english: str, korean: str, language: str
) -> None:
    desk.gateway.files["large"] = bytes(MOST_BYTES + 1)
    answer = answered(desk, file, PNG, question="그려 줘" if language == "ko" else "Draw")

    assert answer.text == f"Here\n\n_{korean if language == 'ko' else english}_"
    assert [each.name for each in answer.media] == ["chart.png"]
    assert desk.push.frames["page"][-1]["chars"] == len(answer.text)


def test_one_answer_brings_so_many_files_and_says_which_it_leaves(desk: Desk) -> None:
    answer = answered(desk, *(replace(PNG, name=f"{number}.png") for number in range(MOST_FILES + 2)))

    assert len(answer.media) == MOST_FILES
    assert "10.png was not handed over: 10 files at most" in answer.text
    assert "11.png was not handed over" in answer.text


def test_a_file_may_be_all_that_an_answer_is(desk: Desk) -> None:
    answer = answered(desk, PNG, text="")
    assert (answer.text, len(answer.media)) == ("", 1)


def test_a_bucket_that_is_away_for_a_moment_takes_the_file(desk: Desk) -> None:
    left = [2]

    def refuses(call: str) -> bool:
        if not call.startswith("put") or not left[0]:
            return False
        left[0] -= 1
        return True

    desk.objects.refuses = refuses
    assert [each.name for each in answered(desk, PNG).media] == ["chart.png"]


def test_a_bucket_that_stays_away_costs_the_file_and_not_the_answer(desk: Desk) -> None:
    desk.objects.refuses = lambda call: call.startswith("put")
    assert answered(desk, PNG).text == "Here\n\n_A file could not be handed over._"


def test_a_turn_that_is_run_again_stores_the_same_file(desk: Desk) -> None:
    """Its answer could not be committed, so another container works on the message."""
    first, kept = answered(desk, PNG), list(desk.objects.bodies)
    shelf = MediaShelf(USER, desk.objects, desk.gateway, desk.time.sleep)

    assert list(shelf.take(replace(MESSAGE, id=str(first.turn)), [PNG])) == list(first.media)
    assert list(desk.objects.bodies) == kept


def test_tools_are_kept_with_an_answer_and_with_a_notice(desk: Desk) -> None:
    desk.gateway.events = [
        Tool("exec", "start", "ls", call="1"),
        Tool("exec", "end", "ls", "a b", call="1"),
    ]
    assert answered(desk).tools == (KeptTool(1, "exec", "ls", "done", "a b"),)


def test_why_an_answer_broke_off_is_kept_with_it_and_told_live(desk: Desk) -> None:
    desk.gateway.outcome = Finished("Half", "broken", None, failed("model_error.connection_lost", model="a/b"))
    desk.rows.inbox.accept(Draft(USER, "m0", TALK, "Draw"), "m0", NOON)
    desk.settle()

    answer = desk.rows.conversations.entries(USER, TALK)[-1]
    assert (answer.role, answer.text, answer.stop_reason) == ("agent", "Half", "broken")
    assert (answer.error_key, answer.error_params) == ("model_error.connection_lost", {"model": "a/b"})
    assert desk.push.frames["page"][-1]["errorKey"] == "model_error.connection_lost"


def test_that_a_model_thinks_for_long_is_told_and_not_kept(desk: Desk) -> None:
    desk.gateway.events = [Waiting(30), Waiting(60)]
    answered(desk)

    told = [frame["seconds"] for frame in desk.push.frames["page"] if frame["type"] == "waiting"]
    assert told[-1:] == [60]
