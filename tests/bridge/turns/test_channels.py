"""Turns of a chat: the same bridge, with a channel beside the pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from chalicelib.domain.agent import Agent
from chalicelib.domain.attachment import File
from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery, Draft, Message
from chalicelib.domain.linking import Link, Pairing
from chalicelib.domain.turn import Approval, Attachment, Failed
from container.bridge.ports import FilesMissing
from container.bridge.turns.channels import MOST_MIRRORS, Channels
from tests.fakes.bridge import Desk, eventually, now
from tests.fakes.values import TALK
from tests.tables.scenes import USER, accept, counters


@dataclass
class FakeChannel:
    """A channel that remembers; it brings answers when it is told to."""

    shown: list[str] = field(default_factory=list)
    brought: list[tuple[Delivery, str]] = field(default_factory=list)
    waiting: list[Callable[[], object]] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    asked: list[Approval] = field(default_factory=list)
    statuses: list[Agent] = field(default_factory=list)
    closed: bool = False
    slow: bool = False
    missing: Failed | None = None

    def begin(self, message: Message) -> None:
        self.begun.append(message.id)

    def show(self, message: Message, text: str) -> None:
        self.shown.append(text)

    def ask(self, message: Message, approval: Approval) -> None:
        self.asked.append(approval)

    def drop(self, message: Message) -> None:
        self.dropped.append(message.id)

    def status(self, agent: Agent) -> None:
        self.statuses.append(agent)

    def attachments(self, message: Message) -> Sequence[Attachment]:
        if self.missing:
            raise FilesMissing(self.missing)
        return [Attachment(file.mime_type, file.name, b"x") for file in message.files]

    def deliver(self, delivery: Delivery, answer: Entry, done: Callable[[], object]) -> None:
        self.brought.append((delivery, answer.text))
        self.waiting.append(done)
        if not self.slow:
            done()

    def close(self, timeout: float) -> None:
        self.closed = True


@pytest.fixture
def chat() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def desk(chat: FakeChannel) -> Desk:
    return Desk(channels=Channels({"telegram": chat}))


def say(desk: Desk, text: str, *files: File) -> None:
    draft = Draft(USER, f"key of {text}", TALK, text, channel="telegram", reply_to="42", files=files)
    desk.rows.inbox.accept(draft, f"id of {text}", now())


def test_an_answer_is_shown_as_it_grows_and_brought_to_its_chat_and_to_the_pages(desk: Desk, chat: FakeChannel) -> None:
    say(desk, "Hello")
    desk.settle()

    assert (chat.begun, chat.shown) == (["id of Hello"], ["Hello", "Hello!"])
    assert [(delivery.reply_to, text) for delivery, text in chat.brought] == [("42", "Hello!")]
    assert desk.shown()[-1] == "stream_end"
    assert counters(desk.store) == (0, 0, 0)


def test_an_answer_stays_in_the_outbox_until_the_chat_has_it(desk: Desk, chat: FakeChannel) -> None:
    chat.slow = True
    say(desk, "Hello")
    desk.step()
    eventually(lambda: chat.waiting, "the delivery")
    desk.end_turns()
    for _ in range(3):
        desk.step()

    assert len(chat.brought) == 1
    assert counters(desk.store) == (0, 0, 1)
    chat.waiting[0]()
    assert counters(desk.store) == (0, 0, 0)


def test_files_are_given_to_the_agent(desk: Desk, chat: FakeChannel) -> None:
    say(desk, "look", File("f1", "a.png", "image/png", 1))
    desk.settle()

    assert [attachment.file_name for attachment in desk.gateway.attachments] == ["a.png"]


def test_files_that_cannot_be_had_are_told(desk: Desk, chat: FakeChannel) -> None:
    chat.missing = Failed("interrupted", "The file could not be fetched.", retryable=True)
    say(desk, "look", File("f1", "a.png", "image/png", 1))
    desk.settle()

    assert [text for _, text in chat.brought] == ["The file could not be fetched."]


def test_a_turn_that_is_given_back_is_left_to_the_next_container(desk: Desk, chat: FakeChannel) -> None:
    say(desk, "slow one")
    desk.step()
    eventually(lambda: desk.gateway.asked, "the turn")
    desk.turns.stop(timeout=0.01)

    assert chat.dropped == ["id of slow one"]
    assert chat.closed


def ask(desk: Desk, chat: str = "42") -> Link:
    asking = Link(USER, "telegram", chat, "Ada", None, "asked", now())
    pairing = Pairing(USER, "telegram", ("mark",), now())
    desk.rows.links.offer(pairing)
    desk.rows.links.ask(pairing, asking)
    return asking


def link(desk: Desk, chat: str = "42") -> None:
    desk.rows.links.confirm(ask(desk, chat), TALK, now())


def test_what_is_said_on_a_page_is_told_in_the_chat_if_its_owner_wants(desk: Desk, chat: FakeChannel) -> None:
    link(desk)
    accept(desk.store, "m1", "quietly")
    desk.settle()
    desk.rows.settings.change(USER, mirror=True)
    accept(desk.store, "m2", "aloud")
    desk.settle()

    assert [(delivery.reply_to, text) for delivery, text in chat.brought] == [("42", "aloud!")]
    assert counters(desk.store) == (0, 0, 0)


def test_every_linked_chat_is_told_and_none_that_only_asks(desk: Desk, chat: FakeChannel) -> None:
    for number in ("41", "42"):
        link(desk, number)
    ask(desk, "43")
    desk.rows.settings.change(USER, mirror=True)
    accept(desk.store, "m1", "aloud")
    desk.settle()

    assert sorted(str(delivery.reply_to) for delivery, _ in chat.brought) == ["41", "42"]
    assert counters(desk.store) == (0, 0, 0)


def test_the_pages_are_not_told_again_for_every_chat(desk: Desk, chat: FakeChannel) -> None:
    link(desk)
    desk.rows.settings.change(USER, mirror=True)
    accept(desk.store, "m1", "aloud")
    desk.settle()

    assert desk.shown().count("stream_end") == 1
    assert desk.shown()[-1] == "stream_end"


def test_no_answer_is_lost_because_too_many_chats_mirror_it(desk: Desk, chat: FakeChannel) -> None:
    for number in range(MOST_MIRRORS + 5):
        link(desk, str(100 + number))
    desk.rows.settings.change(USER, mirror=True)
    accept(desk.store, "m1", "aloud")
    desk.settle()

    assert len(chat.brought) == MOST_MIRRORS


def test_what_is_said_in_one_chat_is_not_told_in_another(desk: Desk, chat: FakeChannel) -> None:
    """They may be on the phones of two people."""
    for number in ("41", "42"):
        link(desk, number)
    desk.rows.settings.change(USER, mirror=True)
    say(desk, "Hello")
    desk.settle()

    assert [delivery.reply_to for delivery, _ in chat.brought] == ["42"]


def test_without_a_linked_chat_there_is_nothing_to_mirror(desk: Desk, chat: FakeChannel) -> None:
    desk.rows.settings.change(USER, mirror=True)
    accept(desk.store, "m1", "aloud")
    desk.settle()

    assert chat.brought == []


def test_a_channel_hears_of_the_start(desk: Desk, chat: FakeChannel) -> None:
    desk.deliveries.status(desk.agent)

    assert chat.statuses == [desk.agent]


def test_a_channel_that_fails_leaves_the_answer_to_the_next_look(desk: Desk, chat: FakeChannel) -> None:
    deliver, failures = chat.deliver, [RuntimeError("a fault of ours")]

    def failing(delivery: Delivery, answer: Entry, done: Callable[[], object]) -> None:
        if failures:
            raise failures.pop()
        deliver(delivery, answer, done)

    chat.deliver = failing  # type: ignore[method-assign]
    say(desk, "Hello")
    desk.settle()

    assert [text for _, text in chat.brought] == ["Hello!"]
    assert replace(chat.brought[0][0]).seq == 2
