"""A notice instead of an answer, from the cloud side: no container could be started that would have brought it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain import protocol
from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery
from chalicelib.pages import Pages
from chalicelib.services.telegram_notice import TelegramNotice


@dataclass(frozen=True)
class Notices:
    pages: Pages
    chats: Mapping[str, TelegramNotice] = field(default_factory=dict)  # by the name of the channel

    def send(self, question: Entry, notice: Entry, delivery: Delivery) -> bool:
        """To all pages, with the question: a page that missed it would show a notice about nothing.

        False when the chat in which it was asked does not have it yet.
        """
        for each in (question, notice):
            self.pages.send(delivery.user_id, protocol.message(each))
        chat = self.chats.get(delivery.channel)
        return chat is None or chat.send(notice, delivery)
