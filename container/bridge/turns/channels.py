"""The ways to a person besides the open pages, and which answer goes which way. The pages see everything anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.agent import Agent
from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery, Message
from chalicelib.domain.linking import Link
from chalicelib.domain.turn import Attachment
from container.bridge.ports import Channel

MOST_MIRRORS = 50  # they are written with the answer, and a transaction ends at a hundred writes


class Pages:
    """The channel of what was said on a page."""

    def begin(self, message: Message) -> None: ...

    def show(self, message: Message, text: str) -> None: ...

    def drop(self, message: Message) -> None: ...

    def status(self, agent: Agent) -> None: ...

    def close(self, timeout: float) -> None: ...

    def attachments(self, message: Message) -> Sequence[Attachment]:
        return ()

    def deliver(self, delivery: Delivery, answer: Entry, done: Callable[[], object]) -> None:
        done()


PAGES = Pages()


@dataclass
class Channels:
    by_name: Mapping[str, Channel] = field(default_factory=dict)
    _carried: set[Delivery] = field(default_factory=set)

    def of(self, message: Message) -> Channel:
        return self.by_name.get(message.channel, PAGES)

    def carries(self, delivery: Delivery) -> bool:
        """Is it on its way, and not yet there?"""
        return delivery in self._carried

    def carry(self, delivery: Delivery, answer: Entry, delivered: Callable[[Delivery], None]) -> None:
        """Calls `delivered` when it is there, and again while that raises."""
        channel = self.by_name.get(delivery.channel, PAGES)

        def done() -> None:
            delivered(delivery)
            self._carried.discard(delivery)

        self._carried.add(delivery)
        try:
            channel.deliver(delivery, answer, done)
        except BaseException:
            self._carried.discard(delivery)
            raise

    def mirrors(self, message: Message, links: Iterable[Link], seq: int) -> list[Delivery]:
        """All linked chats, for the answer to what was said on a page. One chat does not hear of another."""
        if message.channel in self.by_name:
            return []
        chats = [link for link in links if link.state == "linked" and link.channel in self.by_name]
        return [
            Delivery(message.user_id, seq, chat.channel, message.conversation_id, chat.external_id, mirror=True)
            for chat in chats[:MOST_MIRRORS]
        ]

    def status(self, agent: Agent) -> None:
        for channel in self.by_name.values():
            channel.status(agent)

    def close(self, timeout: float) -> None:
        for channel in self.by_name.values():
            channel.close(timeout)
