"""Kinds of messages: which ones can be said in words, which ones cannot be looked at yet, which ones say nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chalicelib.domain.telegram_context_words import explain
from chalicelib.domain.telegram_entities import person
from chalicelib.domain.telegram_fields import items, mapping, number, string
from chalicelib.domain.text import one_line

Json = Mapping[str, Any]
LONG_NAME = 120
FULL_CIRCLE = 360

# What Telegram says by itself, and no person. New kinds end like the old ones.
SERVICE = ("web_app_data", "passport_data", "gift", "unique_gift", "connected_website", "pinned_message")
BEGIN = ("new_chat_", "left_chat_", "delete_chat_", "migrate_", "forum_topic_", "general_forum_", "video_chat_")
END = (
    *("_created", "_shared", "_changed", "_allowed", "_added", "_done", "_set", "_payment", "_triggered"),
    *("_completed", "_sent", "_paid", "_refunded", "_approved", "_declined", "_failed", "_deleted"),
)


def is_service(message: Json) -> bool:
    return any(key in SERVICE or key.startswith(BEGIN) or key.endswith(END) for key in message)


def is_readable(message: Json) -> bool:
    """Can all that it is be said in words?"""
    found = next((kind for kind in KINDS if kind in message), None)
    return found in READABLE or (found == "sticker" and bool(string(mapping(message["sticker"]).get("emoji"))))


def describe(message: Json, language: str) -> str:
    """What a message is besides a text, in words; "" for a text."""
    for kind, lines in KINDS.items():
        if kind in message:
            named = explain(language, kind)
            found = [line for line in lines(mapping(message[kind])) if line]
            return "\n".join([f"{named}: {found[0]}" if found else named, *found[1:]])
    return ""


def _contact(fields: Json) -> Iterator[str]:
    who = {"first_name": fields.get("first_name"), "last_name": fields.get("last_name"), "id": fields.get("user_id")}
    yield f"{person(who)}, {one_line(string(fields.get('phone_number')))}"
    yield string(fields.get("vcard"))


def _location(fields: Json) -> Iterator[str]:
    yield f"{_degrees(fields.get('latitude'))}, {_degrees(fields.get('longitude'))}"


def _venue(fields: Json) -> Iterator[str]:
    yield _named(fields, "title", "address")
    yield from _location(mapping(fields.get("location")))


def _poll(fields: Json) -> Iterator[str]:
    yield one_line(string(fields.get("question")), 300)
    for option in items(fields.get("options")):
        yield f"- {one_line(string(option.get('text')), 100)}: {number(option.get('voter_count'))}"


def _dice(fields: Json) -> Iterator[str]:
    yield f"{one_line(string(fields.get('emoji')))} {number(fields.get('value'))}"


def _checklist(fields: Json) -> Iterator[str]:
    yield one_line(string(fields.get("title")), 300)
    for task in items(fields.get("tasks")):
        done = "x" if "completion_date" in task else " "
        yield f"- [{done}] {one_line(string(task.get('text')), 300)}"


def _file(fields: Json) -> Iterator[str]:
    seconds = number(fields.get("duration"))
    named = _named(fields, "performer", "title", "file_name", "emoji", "set_name", "description")
    yield ", ".join(filter(None, (named, f"{seconds} s" if seconds else "")))


def _named(fields: Json, *keys: str) -> str:
    return ", ".join(filter(None, (one_line(string(fields.get(key)), LONG_NAME) for key in keys)))


def _degrees(value: object) -> str:
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FULL_CIRCLE
    return f"{value:.6f}" if known else "?"


# An animation is also a document, and a venue a location: the first one names it.
KINDS: Mapping[str, Callable[[Json], Iterator[str]]] = {
    "contact": _contact,
    "venue": _venue,
    "location": _location,
    "poll": _poll,
    "dice": _dice,
    "checklist": _checklist,
    **dict.fromkeys(("animation", "sticker", "video_note", "voice", "audio", "video", "story", "paid_media"), _file),
    **dict.fromkeys(("game", "invoice", "giveaway", "photo", "document"), _file),
}
READABLE = ("contact", "venue", "location", "poll", "dice")
