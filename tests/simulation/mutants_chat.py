"""Bugs of chats, put back: what is refused is sent, old codes are good, guessing goes on, anybody is let in."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from chalicelib.domain.linking import LinkedChat, Pairing
from chalicelib.domain.telegram import CHANNEL, Said, TelegramUpdate
from chalicelib.domain.telegram_text import Words
from chalicelib.errors import ChatRefused
from chalicelib.ports import Bot, Button
from chalicelib.services.linking import Linking
from chalicelib.services.telegram import Telegram
from chalicelib.store import Item, Write
from chalicelib.tables.links import Links
from chalicelib.wiring import Services
from tests.simulation.mutations import Changed, without

_numbers = itertools.count()


def _values(part: Any) -> list[Any]:
    return [getattr(part, field.name) for field in fields(part)]


class Shrugging:
    """A 400 is as good as a 200."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bot, name)

    def send(self, chat: int, words: Words, buttons: Sequence[Button] = ()) -> int:
        return self._bot.send(chat, words, buttons)

    def edit(self, chat: int, message: int, words: Words) -> None:
        with suppress(ChatRefused):
            self._bot.edit(chat, message, words)


class EternalLinks(Links):
    def find_offer(self, mark: str) -> Pairing | None:
        found = super().find_offer(mark)
        return found and replace(found, expires_at=found.expires_at + timedelta(days=1))


class UncountedLinks(Links):
    def count(self, *_: Any) -> int:
        return 1


class Forgiving(Services):
    @cached_property
    def linking(self) -> Linking:
        return replace(super().linking, links=EternalLinks(self.outside.store))


class Patient(Services):
    @cached_property
    def linking(self) -> Linking:
        return replace(super().linking, links=UncountedLinks(self.outside.store))


class OpenDoor(Telegram):
    def _turn_away(self, update: TelegramUpdate) -> None:
        if isinstance(update, Said):
            person = str(update.sender.id)
            self._say(LinkedChat(CHANNEL, person, f"guest-{person}", f"talk-{person}"), update)


class Hospitable(Services):
    @cached_property
    def telegram(self) -> Telegram:
        return OpenDoor(*_values(super().telegram))


class NewEachTime(Telegram):
    def _say(self, chat: LinkedChat, said: Said, runtime: str = "auto") -> None:
        super()._say(chat, replace(said, id=said.id * 1000 + next(_numbers) % 1000), runtime)


class Forgetful(Services):
    @cached_property
    def telegram(self) -> Telegram:
        return NewEachTime(*_values(super().telegram))


class DropsLate(Telegram):
    def _say(self, chat: LinkedChat, said: Said, runtime: str = "auto") -> None:
        begun = [each for each in self.rows.inbox.pending(chat.user_id) if each.begun]
        if not any(part.album and part.album == said.part.album for each in begun for part in each.parts):
            super()._say(chat, said, runtime)


class Hurried(Services):
    @cached_property
    def telegram(self) -> Telegram:
        return DropsLate(*_values(super().telegram))


class HalfRead(Changed):
    """What waits is read anew only when there is another row of it."""

    _known: Sequence[Item] = ()

    def query(self, *args: Any, **limits: Any) -> Sequence[Item]:
        found = super().query(*args, **limits)
        if limits != {"start": "in#"}:
            return found
        if [row["sk"] for row in found] != [row["sk"] for row in self._known]:
            self._known = found
        return self._known

    def change(self, write: Write) -> Write:
        return without(write, "partCount")
