"""Linking: a chat proves with a code from the page that it belongs there, and the page's owner confirms it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain import linking
from chalicelib.domain.linking import ATTEMPTS, LIFE, Link, Offer, Pairing
from chalicelib.domain.telegram import CHANNEL, Sender
from chalicelib.domain.telegram_text import Words
from chalicelib.domain.telegram_words import COMMANDS, say
from chalicelib.errors import ChatRefused, ChatUnavailable, InvalidMessage, NotAllowed, NotFound
from chalicelib.ports import Bot, Clock, NewId
from chalicelib.tables.links import Links

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Linking:
    links: Links
    bot: Bot
    clock: Clock
    new_secret: NewId  # 32 random bytes in hex

    def offer(self, user_id: str, channel: str) -> Offer:
        """A new code; an earlier one is void. Raises InvalidMessage, NotFound (no bot), AgentUnavailable."""
        if channel not in linking.CHANNELS:
            raise InvalidMessage(f"channel is {channel!r}, possible: {', '.join(linking.CHANNELS)}")
        try:
            bot = self.bot.name()
        except ChatRefused as error:
            raise NotFound(f"Telegram is not set up: {error}") from None
        code, token = linking.make_code(self.new_secret()), linking.make_token(self.new_secret())
        marks = (linking.fingerprint(code), linking.fingerprint(token))
        pairing = Pairing(user_id, channel, marks, self.clock() + LIFE)
        self.links.offer(pairing)
        return Offer(linking.spell(code), f"https://t.me/{bot}?start={token}", pairing.expires_at)

    def channels(self) -> tuple[str, ...]:
        """Channels that have a bot: in the others nothing can be linked."""
        try:
            self.bot.name()
        except ChatRefused:
            return ()
        except ChatUnavailable:
            log.info("the bot cannot be asked for its name now")
        return linking.CHANNELS

    def list(self, user_id: str) -> list[Link]:
        """What is linked, and what asks to be."""
        now = self.clock()
        return [link for link in self.links.list(user_id) if link.state == "linked" or link.waits(now)]

    def confirm(self, user_id: str, link_id: str) -> Link:
        """Raises NotFound, NotAllowed. Confirmed again it stays as it is."""
        link = self._find(user_id, link_id)
        if link.state == "linked":
            return link
        if not self.links.confirm(link, linking.make_id(self.new_secret()), self.clock()):
            raise NotAllowed("that chat is linked to another account")
        self._greet(link)
        return self._find(user_id, link_id)

    def remove(self, user_id: str, link_id: str) -> None:
        """Refuses a chat that asks, or unlinks one. Raises NotFound."""
        self.links.remove(self._find(user_id, link_id))

    def ask(self, sender: Sender, text: str) -> str | None:
        """A stranger sends a code: the answer for the stranger; None when it is no code and deserves none."""
        code = linking.read_code(text)
        if code is None:
            return None
        now, chat = self.clock(), str(sender.id)
        spent = self.links.count(CHANNEL, chat, "guesses", now) > ATTEMPTS
        if spent and len(code) == linking.CODE_LENGTH:
            return "too_many" if self.links.once(CHANNEL, chat, "deaf", now) else None
        mark = linking.fingerprint(code)
        pairing = self.links.find_offer(mark)
        if pairing is None or not linking.is_good(pairing, mark, now):
            return None if spent else "wrong_code"
        link = Link(pairing.user_id, CHANNEL, chat, sender.name, sender.username, "asked", now, sender.language)
        return "asked" if self.links.ask(pairing, link) else "wrong_code"

    def _find(self, user_id: str, link_id: str) -> Link:
        for link in self.list(user_id):
            if link.id == link_id:
                return link
        raise NotFound(f"there is no link {link_id}")

    def _greet(self, link: Link) -> None:
        """Says so in the chat, and puts the commands into its menu; it is linked without that too."""
        self._attempt(lambda: self.bot.send(int(link.external_id), Words(say(link.language, "linked"))))
        self._attempt(self.register)

    def register(self) -> None:
        """The bot's menu: Korean for those who have Telegram in Korean, English for everybody else."""
        self.bot.register(COMMANDS["en"], None)
        self.bot.register(COMMANDS["ko"], "ko")

    def _attempt(self, call: Callable[[], object]) -> None:
        try:
            call()
        except (ChatRefused, ChatUnavailable) as error:
            log.warning("the chat was not told: %s", error)
