"""A message whose first attempt died: what the page holds of it gives way to the new answer."""

from __future__ import annotations

from tests.e2e.page import Rendered
from tests.fakes.bridge import Desk, eventually, now
from tests.tables.scenes import USER, accept, restarted


def restart(desk: Desk) -> None:
    """Another bridge under the next epoch, with the same page."""
    desk.turns = desk.scheduler(restarted(desk.store).epoch)


def died_in_mid_answer(desk: Desk) -> None:
    accept(desk.store, "m1", "Hello")
    (message,) = desk.rows.inbox.pending(USER)
    assert desk.rows.inbox.claim(message, desk.agent.epoch, now())
    restart(desk)


def test_a_page_that_saw_the_first_attempt_shows_the_second_alone() -> None:
    desk = Desk()
    died_in_mid_answer(desk)
    shown = Rendered("Half an answ", held=7)

    desk.settle()

    for frame in desk.push.frames["page"]:
        if frame["type"] == "stream_chunk":
            assert not shown.take(frame)
    assert [shown.text] == desk.answers() == ["Hello!"]


def test_the_first_attempt_stays_on_the_page_until_the_second_has_a_word() -> None:
    desk = Desk()
    died_in_mid_answer(desk)

    desk.settle()

    first = next(frame for frame in desk.push.frames["page"] if frame["type"] == "stream_chunk")
    assert first["replace"] and first["content"]


def test_openclaw_is_asked_whether_it_has_a_message_that_was_given_back() -> None:
    """The one that had it was told to end; the next one has its transcript, part of an answer in it."""
    desk = Desk()
    accept(desk.store, "m1", "slow one")
    desk.step()
    eventually(lambda: desk.gateway.asked, "the turn")
    desk.turns.stop(timeout=0.01)
    restart(desk)
    desk.gateway.aborted.clear()
    desk.gateway.go.set()

    desk.settle()

    assert desk.gateway.fresh == [True, False]
