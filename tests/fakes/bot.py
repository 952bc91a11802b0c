"""Telegram as a bot sees it: what stands in each chat, and the faults a test orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.domain.telegram_media import ChatFile
from chalicelib.domain.telegram_text import Words
from chalicelib.errors import ChatRefused, MessageGone, MessageTooLarge
from chalicelib.ports import Button


@dataclass
class FakeBot:
    chats: dict[int, dict[int, Words]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    drafts: list[tuple[int, str]] = field(default_factory=list)
    menus: dict[str | None, Mapping[str, str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    shown: dict[tuple[int, int], ChatFile] = field(default_factory=dict)  # by chat and message
    calls: list[str] = field(default_factory=list)
    pressed: list[str] = field(default_factory=list)
    typed: int = 0
    faults: dict[str, list[BaseException | None]] = field(
        default_factory=dict
    )  # by method, one for each of its next calls
    afterwards: bool = False  # the fault comes after the effect
    takes_drafts: bool = True
    _numbers: int = 0

    def name(self) -> str:
        self._fail("name")
        return "my_bot"

    def send(self, chat: int, words: Words, buttons: Sequence[Button] = ()) -> int:
        if not self.afterwards:
            self._fail("send")
        self._numbers += 1
        self.chats.setdefault(chat, {})[self._numbers] = words
        self.buttons = list(buttons)
        if self.afterwards:
            self._fail("send")
        return self._numbers

    def edit(self, chat: int, message: int, words: Words) -> None:
        self._fail("edit")
        if message not in self.chats.get(chat, {}):
            raise MessageGone("message to edit not found")
        self.chats[chat][message] = words

    def put_file(self, chat: int, message: int, file: ChatFile) -> None:
        if not self.afterwards:
            self._fail("put_file")
        if message not in self.chats.get(chat, {}):
            raise MessageGone("message to edit not found")
        self._show(chat, message, file)
        if self.afterwards:
            self._fail("put_file")

    def send_file(self, chat: int, file: ChatFile) -> int:
        self._fail("send_file")
        self._numbers += 1
        self._show(chat, self._numbers, file)
        return self._numbers

    def draft(self, chat: int, number: int, words: Words) -> None:
        self._fail("draft")
        if not self.takes_drafts:
            raise ChatRefused("drafts are not possible here")
        self.drafts.append((chat, words.text))

    def delete(self, chat: int, message: int) -> None:
        self._fail("delete")
        self.chats.get(chat, {}).pop(message, None)

    def type(self, chat: int) -> None:
        self._fail("type")
        self.typed += 1

    def confirm(self, query_id: str) -> None:
        self._fail("confirm")
        self.pressed.append(query_id)

    def register(self, commands: Mapping[str, str], language: str | None) -> None:
        self._fail("register")
        self.menus[language] = commands

    def fetch(self, file_id: str, limit: int) -> bytes:
        self._fail("fetch")
        if len(self.files[file_id]) > limit:
            raise MessageTooLarge("too large")
        return self.files[file_id]

    def said(self, chat: int) -> list[str]:
        """What stands in the chat, oldest first."""
        return [words.text for _, words in sorted(self.chats.get(chat, {}).items())]

    def _show(self, chat: int, message: int, file: ChatFile) -> None:
        self.chats.setdefault(chat, {})[message] = Words(f"[{file.kind} {file.name}]")
        self.shown[chat, message] = file

    def _fail(self, method: str) -> None:
        self.calls.append(method)
        planned = self.faults.get(method)
        if planned and (fault := planned.pop(0)):
            raise fault
