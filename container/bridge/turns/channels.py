"""The ways to a person besides the open pages, and which answer goes which way. The pages see everything anyway."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from chalicelib.domain.agent import Agent
from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery, Message
from chalicelib.domain.linking import Link
from chalicelib.domain.turn import Approval, Attachment
from container.bridge.ports import Channel
from container.bridge.turns.uploads import UploadedFiles

MOST_MIRRORS = 50  # they are written with the answer, and a transaction ends at a hundred writes


class PageChannel:
    """The channel of what was said on a page."""

    def __init__(self, uploads: UploadedFiles | None = None) -> None:
        self._uploads = uploads

    def begin(self, message: Message) -> None: ...

    def show(self, message: Message, text: str) -> None: ...

    def ask(self, message: Message, approval: Approval) -> None: ...

    def drop(self, message: Message) -> None: ...

    def status(self, agent: Agent) -> None: ...

    def close(self, timeout: float) -> None: ...

    def attachments(self, message: Message) -> Sequence[Attachment]:
        return [self._uploads.fetch(file) for file in message.files] if self._uploads else ()

    def deliver(self, delivery: Delivery, answer: Entry, done: Callable[[], object]) -> None:
        done()


class Channels:
    """By name. What is on its way is noted by the threads that send it off, and taken off by those that bring it."""

    def __init__(self, by_name: Mapping[str, Channel] | None = None, uploads: UploadedFiles | None = None) -> None:
        self.by_name: Mapping[str, Channel] = by_name or {}
        self._page = PageChannel(uploads)
        self._lock = threading.Lock()  # of the set alone; never held while anything else happens
        self._carried: set[Delivery] = set()

    def of(self, message: Message) -> Channel:
        return self.by_name.get(message.channel, self._page)

    def carried(self) -> frozenset[Delivery]:
        """What is on its way and not yet there."""
        with self._lock:
            return frozenset(self._carried)

    def carry(self, delivery: Delivery, answer: Entry, delivered: Callable[[Delivery], None]) -> None:
        """Calls `delivered` when it is there, and again while that raises."""
        channel = self.by_name.get(delivery.channel, self._page)

        def done() -> None:
            delivered(delivery)
            self._arrived(delivery)

        with self._lock:
            self._carried.add(delivery)
        try:
            channel.deliver(delivery, answer, done)
        except BaseException:
            self._arrived(delivery)
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

    def _arrived(self, delivery: Delivery) -> None:
        with self._lock:
            self._carried.discard(delivery)
