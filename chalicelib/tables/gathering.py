"""A message that grows: the parts in its row, and the one write by which another part joins them.

`partCount` says what a row holds. A part joins only what it has seen, and only what nobody has begun; whoever begins
or refuses the message does so only with all of its parts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.gathering import MessagePart, closes_at, compose, gathered, joined, may_join
from chalicelib.domain.inbox import Draft, Message
from chalicelib.domain.times import from_text, to_text
from chalicelib.store import Condition, Equals, Item, Key, Missing, Table, Update
from chalicelib.tables.files import file_facts, read_files

COUNT = "partCount"


def find_place(waiting: Iterable[Message], draft: Draft, now: datetime) -> Message | None:
    """The newest message that the draft is a part of, as it is with it."""
    for message in sorted(waiting, key=lambda each: each.seq, reverse=True):
        if grown := _grown(message, draft, now):
            return grown
    return None


def _grown(message: Message, draft: Draft, now: datetime) -> Message | None:
    same = (message.channel, message.reply_to, message.conversation_id, message.runtime)
    wanted = (draft.channel, draft.reply_to, draft.conversation_id, draft.runtime)
    part = draft.part
    if part is None or same != wanted or not message.parts or message.begun:
        return None
    if not may_join(message.parts, part, message.accepted_at, now):
        return None
    parts = joined(message.parts, part)
    if parts is None:
        return None
    text, files, closes = compose(parts), gathered(parts), closes_at(parts, now)
    return replace(message, parts=parts, text=text, files=files, closes_at=closes)


def as_gathered(message: Message) -> tuple[Condition, ...]:
    """Has it grown since it was read?"""
    return (Equals(COUNT, len(message.parts)),) if message.parts else ()


def growth(message: Message, key: Key) -> Update:
    """From what it was to what it is with one part more."""
    unbegun = (Equals("claimEpoch", 0), Missing("tried"), Missing("cancelled"))
    return Update(
        Table.PENDING_MESSAGES,
        key,
        set={"text": message.text, "files": file_facts(message.files), **gathering_facts(message)},
        when=(*unbegun, Equals(COUNT, len(message.parts) - 1)),
    )


def gathering_facts(message: Message) -> dict[str, Any]:
    closes = to_text(message.closes_at) if message.closes_at else None
    parts = [_part_facts(part) for part in message.parts]
    return {"parts": parts or None, COUNT: len(parts) or None, "closesAt": closes}


def read_gathering(item: Item) -> dict[str, Any]:
    closes = item.get("closesAt")
    parts = tuple(map(_read_part, item.get("parts", ())))
    return {"parts": parts, "closes_at": from_text(closes) if closes else None}


def _part_facts(part: MessagePart) -> dict[str, Any]:
    facts = {
        "number": part.number,
        "sentAt": part.sent_at,
        "words": part.words,
        "context": part.context or None,
        "files": file_facts(part.files),
        "album": part.album or None,
        "units": part.units or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _read_part(row: Item) -> MessagePart:
    return MessagePart(
        number=row["number"],
        sent_at=row["sentAt"],
        words=row["words"],
        context=row.get("context", ""),
        files=read_files(row),
        album=row.get("album", ""),
        units=row.get("units", 0),
    )
