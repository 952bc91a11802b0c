"""The scheduler's own thread: what it reports, what it does not begin, and what it leaves to the turns."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.domain.inbox import Draft, Message
from chalicelib.domain.turn import Attachment
from container.bridge.events import CommitFailed, FencedOff
from container.bridge.turns.channels import Channels, PageChannel
from tests.fakes.away import AwayStore, claims_fail, is_answer
from tests.fakes.bridge import OTHER_TALK, TIMEOUT, Desk, eventually, now
from tests.fakes.concurrency import QuickTime
from tests.fakes.outside import FakePush
from tests.fakes.values import TALK
from tests.tables.scenes import USER, accept, counters, restarted


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_epoch_that_is_over_is_reported_once_and_ends_the_thread(desk: Desk) -> None:
    restarted(desk.store)
    accept(desk.store, "m1", "Hello")
    desk.turns.start()
    eventually(lambda: desk.events, "the report")

    desk.turns.stop(timeout=1)

    assert [type(event) for event in desk.events] == [FencedOff]


def test_a_stop_is_obeyed_by_the_thread(desk: Desk) -> None:
    accept(desk.store, "m1", "slow one")
    desk.turns.start()
    eventually(lambda: desk.gateway.asked, "the turn")

    desk.turns.stop(timeout=0.1)

    assert not desk.turns.busy
    assert counters(desk.store) == (1, 0, 0)


def test_a_bridge_that_never_served_has_nothing_to_stop(desk: Desk) -> None:
    accept(desk.store, "m1", "Hello")
    desk.turns.stop(timeout=5)
    assert desk.gateway.asked == []


def test_a_claim_that_fails_for_a_moment_is_made_again() -> None:
    store = AwayStore()
    desk = Desk(store)
    store.refuses_write = claims_fail(2)
    accept(store, "m1", "Hello")

    desk.settle()

    assert (desk.gateway.asked, desk.events) == (["Hello"], [])


def test_after_an_answer_that_could_not_be_committed_no_new_turn_begins() -> None:
    store = AwayStore()
    desk = Desk(store, time=QuickTime(speed=2000))
    store.refuses_write = is_answer
    accept(store, "m1", "Hello")
    desk.end_turns()

    accept(store, "m2", "Anybody there?", talk=OTHER_TALK)
    desk.end_turns()

    assert desk.events == [CommitFailed("m1")]
    assert desk.gateway.asked == ["Hello"]


@dataclass
class SlowFiles(PageChannel):
    """Takes its time to fetch the files of a message."""

    asked: threading.Event = field(default_factory=threading.Event)
    there: threading.Event = field(default_factory=threading.Event)

    def attachments(self, message: Message) -> Sequence[Attachment]:
        self.asked.set()
        self.there.wait(TIMEOUT)
        return ()


@pytest.fixture
def files() -> SlowFiles:
    return SlowFiles()


def fetching(files: SlowFiles) -> Desk:
    desk = Desk(channels=Channels({"telegram": files}))
    desk.rows.inbox.accept(Draft(USER, "m1", TALK, "Hello", channel="telegram"), "m1", now())
    desk.step()
    assert files.asked.wait(TIMEOUT)
    return desk


def test_a_message_that_is_cancelled_while_its_files_are_fetched_never_reaches_openclaw(files: SlowFiles) -> None:
    desk = fetching(files)
    desk.rows.inbox.cancel(USER, "m1")
    desk.step()
    files.there.set()

    desk.settle()

    assert desk.gateway.asked == []
    assert desk.rows.conversations.entries(USER, TALK)[1].status == "cancelled"


def test_an_agent_that_must_go_while_files_are_fetched_gives_the_message_back_unasked(files: SlowFiles) -> None:
    desk = fetching(files)
    threading.Timer(0.02, files.there.set).start()

    desk.turns.stop(timeout=0)

    assert desk.gateway.asked == []
    assert [message.claims for message in desk.rows.inbox.pending(USER)] == [0]


class SlowEnd(FakePush):
    """Takes its time for the last frame of an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go = threading.Event(), threading.Event()

    def send(self, connection_id: str, frame: Mapping[str, Any]) -> bool:
        if frame["type"] == "stream_end":
            self.reached.set()
            self.go.wait(TIMEOUT)
        return super().send(connection_id, frame)


def test_a_look_leaves_the_answer_to_the_turn_that_brings_it_away() -> None:
    push = SlowEnd()
    desk = Desk(push=push)
    accept(desk.store, "m1", "Hello")
    desk.step()
    assert push.reached.wait(TIMEOUT)
    assert counters(desk.store) == (0, 0, 1)

    desk.step()
    push.go.set()
    desk.settle()

    assert push.types("page").count("message") == 1, "the question, and not the answer again"
