"""A phone with Telegram on it, and the page's part of pairing it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.e2e.page import Page
from tests.e2e.product import wait_for
from tests.fakes.telegram_server import TelegramServer

UNFINISHED = ("💤", "📦", "⚙", "🗂", "💭", "📎")  # lines that will become an answer
CURSOR, PLACEHOLDER = "▌", "…"


@dataclass
class Phone:
    server: TelegramServer
    id: int
    language: str = "en"

    def say(self, text: str) -> int:
        return self.put(text=text)

    def put(self, **fields: Any) -> int:
        """Something else than a text; the number of the update."""
        return self.server.put(self.id, self.language, **fields)

    def press(self, label: str) -> None:
        """The newest button whose label begins so."""
        buttons = (
            (number, button)
            for number, call in sorted(self.server.chats.messages[self.id].items(), reverse=True)
            for row in call.get("reply_markup", {}).get("inline_keyboard", ())
            for button in row
        )
        number, button = next(found for found in buttons if found[1]["text"].startswith(label))
        self.put(press=button["callback_data"], message_id=number)

    @property
    def seen(self) -> list[str]:
        return self.server.chats.texts(self.id)

    @property
    def told(self) -> list[str]:
        """What was said to the end: no line of the start, no half of an answer."""
        return [text for text in self.seen if not _grows(text)]

    def pair(self, page: Page) -> None:
        """By the link that the page shows."""
        self.ask(page)
        page.rest("POST", f"/links/telegram-{self.id}/confirm")
        wait_for(lambda: self.seen[-1].startswith(("Linked.", "연결되었습니다.")), "the greeting")

    def ask(self, page: Page) -> None:
        """Until the page is asked whether this chat may be linked."""
        offer = page.rest("POST", "/links/telegram")
        self.say(f"/start {offer['url'].partition('start=')[2]}")
        asking = f"telegram-{self.id}"
        wait_for(lambda: any(link["id"] == asking for link in page.rest("GET", "/links")["links"]), "the chat asks")

    def wait(self, text: str, patience: float = 120.0) -> None:
        wait_for(lambda: text in self.seen, f"{text!r} in the chat, which has {self.seen}", patience)

    def hear(self, before: int, patience: float = 120.0) -> str:
        """The first thing that is said to the end after `before` others."""
        return wait_for(lambda: self.told[before:], f"an answer in the chat, which has {self.seen}", patience)[0]


def _grows(text: str) -> bool:
    return text == PLACEHOLDER or text.endswith(CURSOR) or text.startswith(UNFINISHED)
