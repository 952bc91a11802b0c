"""A chat and the courier that serves it, on a clock that a test moves: nothing waits for real."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery, Message
from chalicelib.domain.linking import Link, Pairing
from chalicelib.domain.turn import Failed, Finished
from chalicelib.tables.answers import delivery_of
from chalicelib.tables.rows import Rows
from container.bridge.ports import Owner
from container.bridge.telegram.channel import TelegramChannel
from container.bridge.telegram.courier import QUIET, Courier
from container.bridge.telegram.messages import ChatMessages
from tests.fakes.bot import FakeBot
from tests.fakes.clock import FakeClock
from tests.fakes.concurrency import AtOnce
from tests.fakes.objects import MemoryObjects
from tests.fakes.store import MemoryStore
from tests.fakes.values import MESSAGE, TALK
from tests.tables.scenes import USER, ended

CHAT = 4711
SPOKEN = replace(MESSAGE, user_id=USER, channel="telegram", reply_to=str(CHAT))


class Killed(BaseException):
    """The container dies here."""


class Rest(Exception):
    """Nothing is due any more."""


@dataclass
class Scene:
    store: MemoryStore = field(default_factory=MemoryStore)
    bot: FakeBot = field(default_factory=FakeBot)
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    clock: FakeClock = field(default_factory=FakeClock)
    epoch: int = 1
    language: str = "en"
    delivered: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = Rows.over(self.store, self.clock.sleep)
        if not self.rows.links.list(USER):
            self.link(CHAT)
        messages = ChatMessages(Owner(USER, self.epoch), self.rows, self.bot, self.objects, self.clock)
        self.courier = Courier(messages, AtOnce(self._pass), self.clock)
        self.channel = TelegramChannel(self.courier, self.bot, self.clock.sleep)

    def link(self, chat: int) -> None:
        link = Link(USER, "telegram", str(chat), "Ada", None, "asked", self.clock(), self.language)
        pairing = Pairing(USER, "telegram", ("mark",), self.clock())
        self.rows.links.offer(pairing)
        self.rows.links.ask(pairing, link)
        self.rows.links.confirm(link, TALK, self.clock())

    def successor(self) -> Scene:
        """The container died; another one takes over."""
        return Scene(self.store, self.bot, self.objects, self.clock, self.epoch + 1, self.language, self.delivered)

    def run(self) -> None:
        """Until nothing is due. A fault that is a `Killed` leaves it in the middle of what it did."""
        with suppress(Rest, Killed):
            self.courier.start()

    def _pass(self, seconds: float) -> None:
        if seconds >= QUIET:
            raise Rest
        self.clock.advance(seconds=seconds)

    def begin(self, message: Message = SPOKEN) -> None:
        self.channel.begin(message)

    def show(self, text: str, message: Message = SPOKEN) -> None:
        self.channel.show(message, text)

    def deliver(self, outcome: Finished | Failed | str, message: Message = SPOKEN) -> Entry:
        if isinstance(outcome, str):
            outcome = Finished(outcome, "stop", None)
        entry = ended(message, outcome, self.clock())
        self.bring(replace(delivery_of(message, entry), channel="telegram", reply_to=str(CHAT)), entry)
        return entry

    def mirror(self, entry: Entry, chat: int) -> None:
        """The same answer in another chat."""
        self.bring(Delivery(USER, entry.seq, "telegram", entry.conversation_id, str(chat), mirror=True), entry)

    def bring(self, delivery: Delivery, entry: Entry) -> None:
        self.channel.deliver(delivery, entry, lambda: self.delivered.append(delivery))

    @property
    def said(self) -> list[str]:
        return self.bot.said(CHAT)
