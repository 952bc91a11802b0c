"""Telegram's updates, read into facts: who says what. https://core.telegram.org/bots/api#update

Nothing here raises: an update that is no fact for us is None, because whatever we answer with an error Telegram
sends again, and everything else of that chat queues up behind it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.attachment import MEGABYTE, MOST_TOGETHER, File
from chalicelib.domain.gathering import MessagePart, compose
from chalicelib.domain.telegram_context import block, context, is_foreign, own_words
from chalicelib.domain.telegram_fields import LARGEST, items, number, required, string
from chalicelib.domain.telegram_files import read_answered, read_files
from chalicelib.domain.telegram_kinds import is_readable, is_service
from chalicelib.domain.telegram_text import units
from chalicelib.domain.text import is_empty, one_line

Json = Mapping[str, Any]
CHANNEL = "telegram"
TOKEN, SECRET = "telegram-bot-token", "telegram-webhook-secret"  # names of secrets
COMMANDS = (
    *("start", "help", "new", "conversations", "model", "status", "stop"),
    *("wake", "sleep", "usage", "unlink"),
    *("ask", "heavy"),  # understood and not in the menu: they say no more than what is behind them
)
CARRIERS = ("new", "ask", "heavy")  # commands whose text is for the agent
# As Telegram itself finds one; https://github.com/tdlib/td has it as find_bot_commands.
COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w{3,32})?(?![\w/<>@])")


@dataclass(frozen=True)
class Sender:
    """A person in a private chat with the bot; such a chat has the person's own number."""

    id: int
    name: str
    username: str | None = None
    language: str = "en"


@dataclass(frozen=True)
class TelegramUpdate:
    id: int
    sender: Sender


@dataclass(frozen=True)
class Said(TelegramUpdate):
    part: MessagePart
    refused: File | None = None  # too large, and left out

    @property
    def text(self) -> str:
        return compose((self.part,))


@dataclass(frozen=True)
class Command(TelegramUpdate):
    name: str  # one of COMMANDS, or whatever else stood behind the slash
    said: Said  # what is behind it
    whole: Said  # with the command


@dataclass(frozen=True)
class Pressed(TelegramUpdate):
    """A button under one of our messages."""

    query_id: str
    message_id: int
    verb: str
    value: str


@dataclass(frozen=True)
class Unreadable(TelegramUpdate):
    """Nothing of it can be given to the agent."""

    blank: bool = False  # there is nothing to see at all
    album: str = ""


@dataclass(frozen=True)
class Edited(TelegramUpdate):
    pass


def parse(body: bytes | str) -> TelegramUpdate | None:
    """The fact in an update; None for groups, bots, what Telegram says by itself, and what is no update at all."""
    try:
        fields = json.loads(body)
        return _read(fields) if isinstance(fields, dict) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def turn_id(update: TelegramUpdate) -> str:
    """The same UUID whenever the update comes again."""
    return stable_id(f"{update.sender.id}/{update.id}")


def stable_id(name: str) -> str:
    digest = hashlib.sha256(f"{CHANNEL}/{name}".encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], f"8{digest[13:16]}", f"a{digest[17:20]}", digest[20:32]))


def _read(fields: Json) -> TelegramUpdate | None:
    update_id = _number(fields["update_id"])
    if query := fields.get("callback_query"):
        return _read_press(update_id, query)
    if message := fields.get("message"):
        sender = _read_sender(message)
        return _read_message(TelegramUpdate(update_id, sender), message) if sender else None
    if message := fields.get("edited_message"):
        sender = _read_sender(message)
        return Edited(update_id, sender) if sender else None
    return None


def _read_sender(message: Json) -> Sender | None:
    chat, person = message["chat"], message["from"]
    if chat["type"] != "private" or person.get("is_bot") or _number(chat["id"]) != _number(person["id"]):
        return None
    return _person(person)


def _person(person: Json) -> Sender:
    name = one_line(" ".join(required(person.get(part)) for part in ("first_name", "last_name")))
    language = "ko" if string(person.get("language_code")).lower().startswith("ko") else "en"
    return Sender(_number(person["id"]), name or "?", one_line(string(person.get("username"))) or None, language)


def _read_press(update_id: int, query: Json) -> TelegramUpdate | None:
    message = query.get("message") or {}
    if message.get("chat", {}).get("type") != "private":
        return None
    verb, _, value = required(query.get("data")).partition(":")
    return Pressed(
        update_id, _person(query["from"]), required(query["id"]), _number(message["message_id"]), verb, value
    )


def _read_message(update: TelegramUpdate, message: Json) -> TelegramUpdate | None:
    said = _read_said(update, message)
    if command := _read_command(said, message):
        return command
    part = said.part
    foreign = is_foreign(message) and not is_empty(own_words(message))
    if not is_empty(part.words) or part.files or said.refused or foreign or is_readable(message):
        return said
    if is_service(message):
        return None
    return Unreadable(update.id, update.sender, blank="text" in message, album=string(message.get("media_group_id")))


def _read_said(update: TelegramUpdate, message: Json) -> Said:
    language, album = update.sender.language, string(message.get("media_group_id"))
    own, files, refused, notes = _sorted_files(message, language)
    for made_of in ("text", "caption"):
        required(message.get(made_of))
    words = "" if is_foreign(message) else own_words(message)
    is_text = "text" in message and not is_foreign(message)
    part = MessagePart(
        number=number(message.get("message_id")),
        sent_at=number(message.get("date")),
        words=words,
        context="\n\n".join(filter(None, (context(message, language), *notes))),
        files=files,
        album=album,
        units=units(string(message.get("text"))) if is_text and not own else 0,
    )
    return Said(update.id, update.sender, part, refused)


def _sorted_files(message: Json, language: str) -> tuple[bool, tuple[File, ...], File | None, list[str]]:
    """Has it files of its own? Those to be fetched; one of its own that is too large; words about all that are."""
    own, kept, refused, notes = read_files(message), list[File](), None, list[str]()
    if not own and (message.get("photo") or message.get("document")) and "animation" not in message:
        raise TypeError("not a file")
    for file in (*own, *read_answered(message)):
        if file.too_large or sum(each.size for each in (*kept, file)) > MOST_TOGETHER:
            notes.append(block("too_large", "", language, name=file.name, limit=file.limit // MEGABYTE))
            refused = refused if file.optional else file
        else:
            kept.append(file)
    return bool(own), tuple(kept), refused, notes


def _read_command(said: Said, message: Json) -> Command | None:
    """A command is what Telegram shows as one, if it is the owner's own and the first thing said."""
    part = said.part
    found = COMMAND.match(part.words)
    if not found or is_foreign(message) or not _is_marked(message):
        return None
    name, rest = found[1].lower(), part.words[found.end() :].strip()
    if (part.files or said.refused) and "text" not in message and name not in CARRIERS:
        return None  # a caption
    behind = replace(part, words=rest, units=0)
    return Command(said.id, said.sender, name, replace(said, part=behind), said)


def _is_marked(message: Json) -> bool:
    """Servers of one's own may not mark anything."""
    entities = message.get("entities" if message.get("text") else "caption_entities")
    marks = items(entities)
    return not marks or any(mark.get("type") == "bot_command" and mark.get("offset") == 0 for mark in marks)


def _number(value: Any) -> int:
    """Raises ValueError: without its numbers an update is none."""
    if not isinstance(value, int) or abs(value) > LARGEST:
        raise ValueError("not one of Telegram's numbers")
    return value
