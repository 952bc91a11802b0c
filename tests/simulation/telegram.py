"""Telegram in the simulation: its chats, the faults of its calls, and a webhook that is called until it says 2xx."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chalicelib.domain.telegram import SECRET
from chalicelib.domain.telegram_media import ChatFile
from chalicelib.domain.telegram_text import LIMIT, Words, units
from chalicelib.errors import ChatBusy, ChatRefused, ChatUnavailable, MarkupRefused, MessageGone, ServiceError
from chalicelib.ports import Button
from tests.simulation.cloud import Cloud
from tests.simulation.ports import Line
from tests.simulation.store import StoreFault

PASSWORD = "the webhook's"
LONGEST = 60.0  # seconds between two tries of an update
AN_HOUR = 3600.0


class SimulatedTelegram:
    """Implements the port `Bot`."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._numbers = 0
        self.chats: dict[int, dict[int, str]] = {}

    def name(self) -> str:
        self._line.travel()
        return "bot"

    def send(self, chat: int, words: Words, buttons: Sequence[Button] = ()) -> int:
        self._arrive(words)
        self._numbers += 1
        self.chats.setdefault(chat, {})[self._numbers] = words.text
        self._changed(chat, self._numbers, words.text)
        return self._numbers

    def edit(self, chat: int, message: int, words: Words) -> None:
        self._arrive(words)
        if message not in self.chats.get(chat, {}):
            raise MessageGone("message to edit not found")
        self.chats[chat][message] = words.text
        self._changed(chat, message, words.text)

    def put_file(self, chat: int, message: int, file: ChatFile) -> None:
        self._arrive(None)
        if message not in self.chats.get(chat, {}):
            raise MessageGone("message to edit not found")
        self._line.history.count("a file was put into a chat")
        self.chats[chat][message] = f"[{file.name}]"
        self._changed(chat, message, self.chats[chat][message])

    def send_file(self, chat: int, file: ChatFile) -> int:
        self._arrive(None)
        self._numbers += 1
        self.chats.setdefault(chat, {})[self._numbers] = f"[{file.name}]"
        self._changed(chat, self._numbers, f"[{file.name}]")
        return self._numbers

    def draft(self, chat: int, number: int, words: Words) -> None:
        self._arrive(words)
        self._line.history.count("a draft was shown")

    def delete(self, chat: int, message: int) -> None:
        self._arrive(None)
        self.chats.get(chat, {}).pop(message, None)

    def type(self, chat: int) -> None:
        self._arrive(None)

    def confirm(self, query_id: str) -> None:
        self._arrive(None)

    def register(self, commands: Mapping[str, str], language: str | None) -> None:
        self._arrive(None)

    def fetch(self, file_id: str, limit: int) -> bytes:
        self._arrive(None)
        return b"jpg"

    def _arrive(self, words: Words | None) -> None:
        faults = self._line.faults
        self._line.travel((0.02, 0.2))
        if faults.strike("chat_busy"):
            self._line.history.count("a chat asked us to wait")
            raise ChatBusy(faults.between(1, 20))
        if faults.strike("chat_error"):
            raise ChatUnavailable("Bad Gateway")
        if words and (not words.text.strip() or units(words.text) > LIMIT):
            raise ChatRefused(f"a text of {units(words.text)} units")
        if words and words.entities and faults.strike("chat_markup"):
            self._line.history.count("a chat refused the markup")
            raise MarkupRefused("can't parse entities")

    def _changed(self, chat: int, message: int, text: str) -> None:
        self._line.history.note("chat", chat=chat, message=message, text=text)
        if self._line.faults.strike("chat_lost"):
            self._line.history.count("a call's answer was lost")
            raise ChatUnavailable("time-out")
        self._line.travel((0.01, 0.1))


class Webhook:
    """What Telegram does with the updates of one chat: one after the other, each until it is taken."""

    def __init__(self, line: Line, cloud: Cloud) -> None:
        self._line, self._cloud = line, cloud
        self._waiting: deque[dict[str, Any]] = deque()
        self._busy = False
        self._beside = 0  # updates that did not wait for their turn

    @property
    def quiet(self) -> bool:
        return not (self._busy or self._waiting or self._beside)

    def put(self, update: dict[str, Any], *, in_line: bool = True) -> None:
        if not in_line and self._line.faults.strike("update_overtakes"):
            self._line.history.count("an update overtook another")
            self._beside += 1
            self._deliver(update, self._line.faults.between(0, 0.5), 1.0, self._arrived)
            return
        self._waiting.append(update)
        if not self._busy:
            self._next()

    def _next(self) -> None:
        self._busy = bool(self._waiting)
        if not self._busy:
            return
        update = self._waiting.popleft()
        self._deliver(update, 0.0, 1.0, self._next)
        if self._line.faults.strike("update_doubled"):
            self._line.history.count("an update came twice at once")
            self._again(update, 0.0)
        if self._line.faults.strike("update_late"):
            self._line.history.count("an update came again an hour later")
            self._again(update, AN_HOUR)

    def _arrived(self) -> None:
        self._beside -= 1

    def _deliver(self, update: dict[str, Any], delay: float, pause: float, then: Callable[[], None]) -> None:
        def failed() -> None:
            self._line.history.count("an update was not taken")
            self._deliver(update, pause, min(LONGEST, 2 * pause), then)

        def receive() -> None:
            taken = self._receive(update)
            self._line.scheduler.after(0.02, self._taken(update, then) if taken else failed)

        process = self._cloud.invoke("telegram", receive, delay)

        def died() -> None:
            self._line.scheduler.after(0.0, failed)

        process.died = died

    def _again(self, update: dict[str, Any], delay: float) -> None:
        def receive() -> None:
            self._receive(update)

        self._cloud.invoke("telegram", receive, delay)

    def _receive(self, update: dict[str, Any]) -> bool:
        self._line.travel()
        try:
            self._cloud.services.telegram.receive(PASSWORD, json.dumps(update))
        except (ServiceError, StoreFault):
            return False
        return True

    def _taken(self, update: dict[str, Any], then: Callable[[], None]) -> Any:
        def tell() -> None:
            self._line.history.note("taken", update=update["update_id"], chat=update["message"]["chat"]["id"])
            then()

        return tell


SECRETS = {SECRET: PASSWORD}
