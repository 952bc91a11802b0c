"""Telegram: what its webhook brings. Accept first, answer 200 always after that, then wake whoever answers.

An exception that leaves `receive` means: nothing is kept, send it again. So only the steps up to the durable write
may raise; whatever fails afterwards is logged, and mended by the watchdog.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass, replace

from chalicelib.domain import protocol, telegram
from chalicelib.domain.agent import Agent, State
from chalicelib.domain.attachment import MEGABYTE
from chalicelib.domain.gathering import gathered
from chalicelib.domain.inbox import Accepted, Draft, entry_of
from chalicelib.domain.linking import LinkedChat
from chalicelib.domain.notes import HOLDS
from chalicelib.domain.telegram import (
    CARRIERS,
    CHANNEL,
    COMMANDS,
    SECRET,
    Command,
    Edited,
    Pressed,
    Said,
    Sender,
    TelegramUpdate,
    Unreadable,
)
from chalicelib.domain.telegram_text import Words
from chalicelib.domain.telegram_words import say, step
from chalicelib.domain.text import MOST_CHARACTERS
from chalicelib.errors import (
    ChatRefused,
    ChatUnavailable,
    ConditionFailed,
    NotAllowed,
    RateLimited,
    ServiceError,
)
from chalicelib.pages import Pages
from chalicelib.ports import Bot, Clock, Secrets
from chalicelib.services.intake import Intake
from chalicelib.services.linking import Linking
from chalicelib.services.telegram_commands import TelegramCommands
from chalicelib.tables.rows import Rows

log = logging.getLogger(__name__)
KEPT_BY_TELEGRAM = 120  # seconds for which an update is left to come again


@dataclass(frozen=True)
class Telegram:
    rows: Rows
    secrets: Secrets
    linking: Linking
    commands: TelegramCommands
    intake: Intake
    pages: Pages
    bot: Bot
    clock: Clock

    def receive(self, secret: str, body: bytes | str) -> None:
        """One update. Raises NotAllowed without the right secret, whatever else only if nothing was kept."""
        wanted = self.secrets.read(SECRET)
        if not wanted or not hmac.compare_digest(wanted.encode(), secret.encode()):
            raise NotAllowed("the secret is wrong, or none is stored")
        update = telegram.parse(body)
        if update is None:
            return
        chat = self.rows.links.chat(CHANNEL, str(update.sender.id))
        if chat is None:
            self._turn_away(update)
        elif isinstance(update, Said):
            self._say(chat, update)
        elif isinstance(update, Command) and self._passes_on(chat, update):
            return
        elif self.rows.inbox.admit(chat.user_id, _order_id(update), self.clock()):
            self._order(chat, update)

    def _passes_on(self, chat: LinkedChat, command: Command) -> bool:
        """Is it a message after all: a question behind a command, or a part of a text that begins with a slash?"""
        if command.name not in COMMANDS:
            return self._join(chat, command.whole)
        if command.name not in CARRIERS or not command.said.text:
            return False
        runtime = "fargate" if command.name == "heavy" else "auto"
        self._say(self._begun_anew(chat, command) if command.name == "new" else chat, command.said, runtime)
        return True

    def _begun_anew(self, chat: LinkedChat, command: Command) -> LinkedChat:
        """The chat in a new conversation; a command that comes again late does not lead it back there."""
        fresh = telegram.turn_id(command)
        if not self.rows.inbox.knows(chat.user_id, fresh):
            self.rows.links.turn_to(chat, fresh)
        return replace(chat, conversation_id=fresh)

    def _join(self, chat: LinkedChat, said: Said) -> bool:
        """Only if there is a message that it is a part of."""
        try:
            accepted = self.intake.join(self._draft(chat, said))
        except ConditionFailed:
            return False
        if accepted:
            self._attend(chat, telegram.turn_id(said), accepted)
        return accepted is not None

    def _say(self, chat: LinkedChat, said: Said, runtime: str = "auto") -> None:
        """A message for the agent, or a part of one."""
        if len(said.text) > MOST_CHARACTERS:
            self._reply(chat, say(said.sender.language, "too_long", limit=MOST_CHARACTERS))
            return
        if said.refused:
            limit = said.refused.limit // MEGABYTE
            self._reply(chat, say(said.sender.language, "too_large", name=said.refused.name, limit=limit))
            if not said.part.album:
                return
        key = telegram.turn_id(said)
        try:
            accepted = self.intake.accept(self._draft(chat, said, runtime), key)
        except RateLimited as error:
            if self._sent_back(chat, said, error.retry_after):
                return
            raise  # Telegram keeps it, and sends it again
        self._attend(chat, key, accepted)

    def _sent_back(self, chat: LinkedChat, said: Said, seconds: int) -> bool:
        """Does its person know that it was not taken? Only where Telegram would have to keep it for long."""
        language, now = said.sender.language, self.clock()
        if seconds > KEPT_BY_TELEGRAM:
            return self._reply(chat, say(language, "not_taken", minutes=-(-seconds // 60))) is not None
        if self.rows.links.once(CHANNEL, chat.external_id, f"too_fast@{now:%H}", now):
            self._reply(chat, say(language, "too_fast"))
        return False

    def _draft(self, chat: LinkedChat, said: Said, runtime: str = "auto") -> Draft:
        key = telegram.turn_id(said)
        return Draft(
            user_id=chat.user_id,
            key=key,
            conversation_id=self._conversation(chat, key),
            text=said.text,
            channel=CHANNEL,
            runtime=runtime,
            reply_to=chat.external_id,
            files=gathered((said.part,)),
            part=said.part,
        )

    def _attend(self, chat: LinkedChat, key: str, accepted: Accepted) -> None:
        """Wakes whoever answers, and shows the message where its owner looks."""
        try:
            if accepted.message is None and not self.rows.agents.get(chat.user_id).pending:
                return  # it comes again, and everything is answered
            agent = self.intake.rouse(chat.user_id, accepted.seen)
            if message := accepted.message:
                self.pages.send(chat.user_id, protocol.message(entry_of(message)))  # at once, before the agent is there
                if not accepted.joined:
                    self._announce(chat, key, agent)
        except Exception:
            log.exception("after accepting %s", key)

    def _conversation(self, chat: LinkedChat, fresh: str) -> str:
        """The chat's; another one when that was deleted on the page."""
        known = self.rows.conversations.get(chat.user_id, chat.conversation_id)
        if known is None or not known.deleted:
            return chat.conversation_id
        self.rows.links.turn_to(chat, fresh)
        return fresh

    def _announce(self, chat: LinkedChat, turn: str, agent: Agent) -> None:
        """While nobody is awake to do it: the line that will become the answer. The container edits it from here.

        One line is enough: the next answers have places of their own behind the parts of the first.
        """
        if agent.state is State.RUNNING or self._waits_before(chat, turn):
            return
        estimate = self.rows.starts.estimate(chat.user_id)
        line = step(chat.language, agent.step, estimate.p50 if estimate else None)
        if agent.state is State.IDLE:
            line = say(chat.language, agent.note if agent.note in HOLDS else "no_machine")
        message = self._reply(chat, line)
        if message and not self.rows.bubbles.begin(chat.user_id, turn, message, self.clock()):
            self.bot.delete(int(chat.external_id), message)

    def _waits_before(self, chat: LinkedChat, turn: str) -> bool:
        waiting = [message for message in self.rows.inbox.pending(chat.user_id) if message.reply_to == chat.external_id]
        return bool(waiting) and waiting[0].id != turn

    def _order(self, chat: LinkedChat, update: TelegramUpdate) -> None:
        try:
            self._perform(chat, update)
        except ServiceError as error:
            self._reply(chat, say(update.sender.language, "failed", reason=error))
        except Exception:
            log.exception("update %s", update.id)

    def _perform(self, chat: LinkedChat, update: TelegramUpdate) -> None:
        match update:
            case Command():
                self.commands.perform(chat, update)
            case Pressed():
                self.commands.press(chat, update)
            case Unreadable():
                self._reply(chat, say(update.sender.language, "blank" if update.blank else "unreadable"))
            case Edited() if self.rows.links.once(CHANNEL, chat.external_id, "edited", self.clock()):
                self._reply(chat, say(update.sender.language, "edited"))

    def _turn_away(self, update: TelegramUpdate) -> None:
        """A stranger: a code leads to the owner, anything else to one refusal a day. Nothing is started."""
        sender, now = update.sender, self.clock()
        said = update.said if isinstance(update, Command) else update if isinstance(update, Said) else None
        text = said.part.words if said else ""
        try:
            key = self.linking.ask(sender, text)
            if key is None and self.rows.links.once(CHANNEL, str(sender.id), "refused", now):
                key = "stranger"
            if key:
                self._answer(sender, say(sender.language, key, name=sender.name))
        except Exception:
            log.exception("update %s of a stranger", update.id)

    def _reply(self, chat: LinkedChat, text: str) -> int | None:
        return self._send(int(chat.external_id), text)

    def _answer(self, sender: Sender, text: str) -> None:
        self._send(sender.id, text)

    def _send(self, chat: int, text: str) -> int | None:
        try:
            return self.bot.send(chat, Words(text))
        except (ChatRefused, ChatUnavailable) as error:
            log.warning("%s", error)
            return None


def _order_id(update: TelegramUpdate) -> str:
    """What cannot be read of one album is told once."""
    album = update.album if isinstance(update, Unreadable) else ""
    return telegram.stable_id(f"{update.sender.id}/{album}/unreadable") if album else telegram.turn_id(update)
