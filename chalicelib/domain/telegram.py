"""Telegram's updates, read into facts: who says what. https://core.telegram.org/bots/api#update

Nothing here raises: an update that is no fact for us is None, because whatever we answer with an error Telegram
sends again, and everything else of that chat queues up behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.attachment import File

Json = Mapping[str, Any]
CHANNEL = "telegram"
TOKEN, SECRET = "telegram-bot-token", "telegram-webhook-secret"  # names of secrets
COMMANDS = (
    *("start", "help", "new", "conversations", "model", "status", "stop"),
    *("wake", "sleep", "usage", "unlink"),
    "heavy",  # understood and not in the menu: while there is one runtime it changes nothing
)
LARGEST = 2**53  # no number of Telegram's is larger
LONGEST = 10_000  # letters; a message has 4,096 at most, and a row must be able to hold it
UNREADABLE = ("voice", "video_note", "audio", "video", "sticker", "animation", "location", "contact", "poll", "dice")


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
    text: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Command(TelegramUpdate):
    name: str
    argument: str


@dataclass(frozen=True)
class Pressed(TelegramUpdate):
    """A button under one of our messages."""

    query_id: str
    message_id: int
    verb: str
    value: str


@dataclass(frozen=True)
class Unreadable(TelegramUpdate):
    kind: str


@dataclass(frozen=True)
class Edited(TelegramUpdate):
    pass


def parse(body: bytes | str) -> TelegramUpdate | None:
    """The fact in an update; None for groups, bots, kinds we do not know, and what is no update at all."""
    try:
        fields = json.loads(body)
        return _read(fields) if isinstance(fields, dict) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def turn_id(update: TelegramUpdate) -> str:
    """The same UUID whenever the update comes again."""
    digest = hashlib.sha256(f"{CHANNEL}/{update.sender.id}/{update.id}".encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], f"8{digest[13:16]}", f"a{digest[17:20]}", digest[20:32]))


def _read(fields: Json) -> TelegramUpdate | None:
    number = _number(fields["update_id"])
    if query := fields.get("callback_query"):
        return _read_press(number, query)
    if message := fields.get("message"):
        sender = _read_sender(message)
        return _read_message(TelegramUpdate(number, sender), message) if sender else None
    if message := fields.get("edited_message"):
        sender = _read_sender(message)
        return Edited(number, sender) if sender else None
    return None


def _read_sender(message: Json) -> Sender | None:
    chat, person = message["chat"], message["from"]
    if chat["type"] != "private" or person.get("is_bot") or _number(chat["id"]) != _number(person["id"]):
        return None
    return _person(person)


def _person(person: Json) -> Sender:
    name = " ".join(_clean(person[part]) for part in ("first_name", "last_name") if person.get(part))
    language = "ko" if str(person.get("language_code", "")).lower().startswith("ko") else "en"
    username = _clean(person["username"]) if person.get("username") else None
    return Sender(_number(person["id"]), name or "?", username, language)


def _read_press(number: int, query: Json) -> TelegramUpdate | None:
    message = query.get("message") or {}
    if message.get("chat", {}).get("type") != "private":
        return None
    verb, _, value = _clean(query.get("data", "")).partition(":")
    sender, query_id = _person(query["from"]), _clean(query["id"])
    return Pressed(number, sender, query_id, _number(message["message_id"]), verb, value)


def _read_message(update: TelegramUpdate, message: Json) -> TelegramUpdate | None:
    number, sender = update.id, update.sender
    text = _clean(message.get("text") or message.get("caption") or "").strip()
    if files := _read_files(message):
        return Said(number, sender, text or " ".join(f"📎 {file.name}" for file in files), files)
    if kind := next((kind for kind in UNREADABLE if kind in message), None):
        return Unreadable(number, sender, kind)
    if text.startswith("/"):
        name, _, argument = text[1:].partition(" ")
        known = name.partition("@")[0].lower()
        if known in COMMANDS:
            return Command(number, sender, known, argument.strip())
    return Said(number, sender, text) if text else None


def _read_files(message: Json) -> tuple[File, ...]:
    if sizes := message.get("photo"):
        largest = max(sizes, key=lambda size: _number(size["width"]) * _number(size["height"]))
        return (File(_clean(largest["file_id"]), "photo.jpg", "image/jpeg", _size(largest)),)
    if document := message.get("document"):
        name = _clean(document.get("file_name") or "document").replace("/", "_")[:120]
        mime_type = _clean(document.get("mime_type") or "application/octet-stream")
        return (File(_clean(document["file_id"]), name, mime_type, _size(document)),)
    return ()


def _size(file: Json) -> int:
    return max(0, _number(file.get("file_size") or 0))


def _number(value: Any) -> int:
    """1e999 is JSON too."""
    if not isinstance(value, int) or abs(value) > LARGEST:
        raise ValueError("not one of Telegram's numbers")
    return value


def _clean(value: Any) -> str:
    """Half a surrogate pair is JSON, but no text that can be kept."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value[:LONGEST].encode(errors="replace").decode()
