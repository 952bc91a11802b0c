"""A phone with Telegram on it, and the page's part of pairing it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.page import Page
from tests.e2e.product import wait_for
from tests.fakes.telegram_server import TelegramServer


@dataclass
class Phone:
    server: TelegramServer
    id: int = 4242

    def say(self, text: str) -> None:
        self.server.put(self.id, text=text)

    @property
    def seen(self) -> list[str]:
        return self.server.chats.texts(self.id)

    def pair(self, page: Page) -> None:
        """By the link that the page shows."""
        offer = page.rest("POST", "/links/telegram")
        self.say(f"/start {offer['url'].partition('start=')[2]}")
        link = wait_for(lambda: page.rest("GET", "/links")["links"], "the chat asks")[-1]
        page.rest("POST", f"/links/{link['id']}/confirm")
        wait_for(lambda: any(text.startswith("Linked.") for text in self.seen), "the greeting")

    def wait(self, text: str, patience: float = 60.0) -> None:
        wait_for(lambda: text in self.seen, f"{text!r} in the chat, which has {self.seen}", patience)
