"""A notice in a chat of Telegram, from the cloud side, in the place of the line that told of the start."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery
from chalicelib.domain.telegram import CHANNEL
from chalicelib.domain.telegram_text import Words
from chalicelib.domain.telegram_words import warn
from chalicelib.errors import ChatRefused, ChatUnavailable
from chalicelib.ports import Bot, Clock
from chalicelib.tables.bubbles import Bubbles
from chalicelib.tables.links import Links

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TelegramNotice:
    bot: Bot
    bubbles: Bubbles
    links: Links
    clock: Clock

    def send(self, notice: Entry, delivery: Delivery) -> bool:
        """False when it stays in the outbox."""
        if delivery.reply_to is None or notice.turn is None:
            return True
        try:
            words = Words(warn(notice, self._language(delivery.reply_to)))
            self._write(int(delivery.reply_to), delivery.user_id, notice.turn, words)
        except ChatRefused as error:
            log.warning("the chat does not take the notice: %s", error)
        except ChatUnavailable as error:
            log.warning("the notice waits: %s", error)
            return False
        return True

    def _language(self, chat: str) -> str:
        known = self.links.chat(CHANNEL, chat)
        return known.language if known else "en"

    def _write(self, chat: int, user_id: str, turn: str, words: Words) -> None:
        """A placeholder first, as the container does it: whoever tries again edits that."""
        known = self.bubbles.get(user_id, turn).messages
        if not known:
            self.bubbles.begin(user_id, turn, self.bot.send(chat, Words("…")), self.clock())
            known = self.bubbles.get(user_id, turn).messages
        self.bot.edit(chat, known[0], words)
