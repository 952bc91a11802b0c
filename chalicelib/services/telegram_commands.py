"""Telegram's commands and buttons: answered at once from here; no agent is needed for them, and none is woken."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chalicelib.domain import telegram
from chalicelib.domain.agent import State
from chalicelib.domain.linking import LinkedChat
from chalicelib.domain.notes import HALTS
from chalicelib.domain.telegram import Command, Pressed
from chalicelib.domain.telegram_text import Words
from chalicelib.domain.telegram_words import say, summary
from chalicelib.domain.turn import Decision
from chalicelib.errors import AgentBusy, ChatRefused, ChatUnavailable, InvalidMessage
from chalicelib.ports import Bot, Button, Clock
from chalicelib.services.history import History
from chalicelib.services.lifecycle import Lifecycle
from chalicelib.services.linking import Linking
from chalicelib.services.settings import SettingsService
from chalicelib.tables.rows import Rows
from chalicelib.tables.usage import Counts

log = logging.getLogger(__name__)
SHOWN = 8  # conversations on buttons
LABEL = 40  # characters on a button


@dataclass(frozen=True)
class TelegramCommands:
    rows: Rows
    linking: Linking
    history: History
    lifecycle: Lifecycle
    settings: SettingsService
    bot: Bot
    clock: Clock

    def perform(self, chat: LinkedChat, command: Command) -> None:
        """Raises ServiceError, ChatRefused and ChatUnavailable."""
        language = command.sender.language
        work: dict[str, Callable[[], None]] = {
            "start": lambda: self._reply(chat, say(language, "already")),
            "help": lambda: self._reply(chat, say(language, "help", commands=summary(language))),
            "new": lambda: self._begin(chat, command),
            "conversations": lambda: self._offer_conversations(chat, language),
            "model": lambda: self._offer_models(chat, language),
            "status": lambda: self._describe(chat, language),
            "stop": lambda: self._stop(chat, language),
            "wake": lambda: self._wake(chat, language),
            "sleep": lambda: self._sleep(chat, language),
            "usage": lambda: self._count(chat, language),
            "unlink": lambda: self._offer_unlink(chat, language),
            "ask": lambda: self._reply(chat, say(language, "behind", name=command.name)),
            "heavy": lambda: self._reply(chat, say(language, "behind", name=command.name)),
        }
        work.get(command.name, lambda: self._list(chat, command))()

    def _list(self, chat: LinkedChat, command: Command) -> None:
        """What there is, where something else was asked for."""
        language = command.sender.language
        self._reply(chat, say(language, "unknown", name=command.name, commands=summary(language)))

    def press(self, chat: LinkedChat, pressed: Pressed) -> None:
        """A button under one of our messages, which then says what was chosen."""
        language = pressed.sender.language
        match pressed.verb:
            case "talk":
                said = self._choose_conversation(chat, pressed.value, language)
            case "model":
                said = self._choose_model(chat, pressed.value, language)
            case "allow" | "deny" as decision:
                said = self._decide(chat, pressed.value, decision, language)
            case "unlink":
                self.linking.remove(chat.user_id, f"{chat.channel}-{chat.external_id}")
                said = say(language, "unlinked")
            case _:
                said = say(language, "gone")
        self.bot.edit(int(chat.external_id), pressed.message_id, Words(said))
        try:
            self.bot.confirm(pressed.query_id)
        except (ChatRefused, ChatUnavailable) as error:
            log.info("a button's press was not confirmed: %s", error)

    def _begin(self, chat: LinkedChat, command: Command) -> None:
        self.rows.links.turn_to(chat, telegram.turn_id(command))
        self._reply(chat, say(command.sender.language, "new"))

    def _offer_conversations(self, chat: LinkedChat, language: str) -> None:
        shown = [each for each in self.history.conversations(chat.user_id) if not each.archived][:SHOWN]
        buttons = [Button(each.title[:LABEL], f"talk:{each.id}") for each in shown]
        self._reply(chat, say(language, "choose_conversation" if shown else "no_conversations"), buttons)

    def _choose_conversation(self, chat: LinkedChat, conversation_id: str, language: str) -> str:
        for each in self.history.conversations(chat.user_id):
            if each.id == conversation_id:
                self.rows.links.turn_to(chat, conversation_id)
                return say(language, "conversation", title=each.title)
        return say(language, "gone")

    def _offer_models(self, chat: LinkedChat, language: str) -> None:
        choice = self.settings.models()
        now = self.settings.get(chat.user_id).model or choice.default
        buttons = [Button(model.name, f"model:{model.id}") for model in choice.models]
        self._reply(chat, say(language, "choose_model", model=now), buttons)

    def _choose_model(self, chat: LinkedChat, model: str, language: str) -> str:
        try:
            self.settings.change(chat.user_id, {"model": model})
        except InvalidMessage:
            return say(language, "gone")
        return say(language, "model", model=model)

    def _decide(self, chat: LinkedChat, approval: str, decision: Decision, language: str) -> str:
        command = self.rows.approvals.decide(chat.user_id, approval, decision)
        if command is None:
            return say(language, "gone")
        self.lifecycle.wake.wake(chat.user_id)
        return say(language, "allowed" if decision == "allow" else "denied", command=command)

    def _describe(self, chat: LinkedChat, language: str) -> None:
        agent, _ = self.lifecycle.status(chat.user_id)
        known = {each.id: each.title for each in self.history.conversations(chat.user_id)}
        model = self.settings.get(chat.user_id).model or self.settings.models().default
        state = say(language, agent.note if agent.note in HALTS else agent.state.value.lower())
        facts = {"state": state, "pending": agent.pending, "model": model}
        self._reply(chat, say(language, "status", title=known.get(chat.conversation_id, "…"), **facts))

    def _stop(self, chat: LinkedChat, language: str) -> None:
        """All that runs or waits in the chat's conversation."""
        waiting = [
            each for each in self.rows.inbox.pending(chat.user_id) if each.conversation_id == chat.conversation_id
        ]
        stopped = [message for message in waiting if self.rows.inbox.cancel(chat.user_id, message.id)]
        if stopped:
            self.lifecycle.wake.wake(chat.user_id)
        self._reply(chat, say(language, "stopped" if stopped else "nothing_runs"))

    def _wake(self, chat: LinkedChat, language: str) -> None:
        agent = self.lifecycle.start(chat.user_id)
        self._reply(chat, say(language, "awake" if agent.state is State.RUNNING else "waking"))

    def _sleep(self, chat: LinkedChat, language: str) -> None:
        try:
            agent = self.lifecycle.stop(chat.user_id)
        except AgentBusy:
            self._reply(chat, say(language, "busy"))
            return
        self._reply(chat, say(language, "asleep" if agent.state is State.IDLE else "sleeping"))

    def _count(self, chat: LinkedChat, language: str) -> None:
        now = self.clock()
        today, month = (_words(self.rows.usage.count(chat.user_id, days, now), language) for days in (1, 30))
        self._reply(chat, say(language, "usage", today=today, month=month))

    def _offer_unlink(self, chat: LinkedChat, language: str) -> None:
        self._reply(chat, say(language, "unlink"), [Button(say(language, "unlink_yes"), "unlink:yes")])

    def _reply(self, chat: LinkedChat, text: str, buttons: Sequence[Button] = ()) -> None:
        self.bot.send(int(chat.external_id), Words(text), buttons)


def _words(counts: Counts, language: str) -> str:
    facts = {"messages": counts.messages, "tokens": counts.tokens}
    return say(language, "counts", cost=f"{counts.cost_usd:.2f}", **facts)
