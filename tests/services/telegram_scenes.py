"""A person's phone: what Telegram's webhook brings, and a chat that is paired."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.domain.telegram import SECRET
from tests.fakes.world import USER, World

PHONE = 4711
WRONG = 99
CONVERSATION = "00000000-0000-4000-a000-000000000abc"


class Phone:
    """One Telegram account that talks to the bot."""

    def __init__(self, world: World, id: int = PHONE, language: str = "en") -> None:
        self.world, self.id = world, id
        self.person = {"id": id, "is_bot": False, "first_name": "Ada", "username": "ada_l", "language_code": language}
        self.updates = 100 * id
        world.secrets.kept[SECRET] = "right"

    def message(self, **fields: Any) -> dict[str, Any]:
        chat, moment = {"id": self.id, "type": "private", "first_name": "Ada"}, int(self.world.clock().timestamp())
        return {"message_id": self.updates + 1, "from": self.person, "chat": chat, "date": moment, **fields}

    def update(self, **fields: Any) -> dict[str, Any]:
        self.updates += 1
        return {"update_id": self.updates, **fields}

    def say(self, text: str) -> dict[str, Any]:
        return self.deliver(self.update(message=self.message(text=text)))

    def press(self, order: str, message: int = 1) -> dict[str, Any]:
        query = {"id": "q1", "from": self.person, "data": order, "message": self.message(message_id=message)}
        return self.deliver(self.update(callback_query=query))

    def deliver(self, update: dict[str, Any]) -> dict[str, Any]:
        self.world.services.telegram.receive("right", json.dumps(update))
        return update

    @property
    def said(self) -> list[str]:
        return self.world.bot.said(self.id)

    def pair(self) -> None:
        """By the link of the page, and the owner says yes."""
        linking = self.world.services.linking
        self.say(f"/start {linking.offer(USER, 'telegram').url.partition('start=')[2]}")
        linking.confirm(USER, f"telegram-{self.id}")
        self.world.bot.chats.clear()
