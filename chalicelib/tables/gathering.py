"""A message that grows: the pieces in its row, and the one write by which another piece joins them.

`pieceCount` says what a row holds. A piece joins only what it has seen, and only what nobody has begun; whoever begins
or refuses the message does so only with all of its pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.domain.attachment import File
from chalicelib.domain.gathering import MessagePart, closes_at, compose, gathered, joined, may_join
from chalicelib.domain.inbox import Draft, Message
from chalicelib.domain.times import from_text, to_text
from chalicelib.store import Condition, Equals, Item, Key, Missing, Table, Update

COUNT = "pieceCount"


def find_place(waiting: Iterable[Message], draft: Draft, now: datetime) -> Message | None:
    """The newest message that the draft is a part of, as it is with it."""
    for message in sorted(waiting, key=lambda each: each.seq, reverse=True):
        if grown := _grown(message, draft, now):
            return grown
    return None


def _grown(message: Message, draft: Draft, now: datetime) -> Message | None:
    same = (message.channel, message.reply_to, message.conversation_id, message.runtime)
    wanted = (draft.channel, draft.reply_to, draft.conversation_id, draft.runtime)
    piece = draft.piece
    if piece is None or same != wanted or not message.pieces or message.begun:
        return None
    if not may_join(message.pieces, piece, message.accepted_at, now):
        return None
    pieces = joined(message.pieces, piece)
    if pieces is None:
        return None
    text, files, closes = compose(pieces), gathered(pieces), closes_at(pieces, now)
    return replace(message, pieces=pieces, text=text, files=files, closes_at=closes)


def as_gathered(message: Message) -> tuple[Condition, ...]:
    """Has it grown since it was read?"""
    return (Equals(COUNT, len(message.pieces)),) if message.pieces else ()


def growth(message: Message, key: Key) -> Update:
    """From what it was to what it is with one piece more."""
    unbegun = (Equals("claimEpoch", 0), Missing("tried"), Missing("cancelled"))
    return Update(
        Table.PENDING_MESSAGES,
        key,
        set={"text": message.text, "files": file_rows(message.files), **gathering_facts(message)},
        when=(*unbegun, Equals(COUNT, len(message.pieces) - 1)),
    )


def gathering_facts(message: Message) -> dict[str, Any]:
    closes = to_text(message.closes_at) if message.closes_at else None
    pieces = [_piece_facts(piece) for piece in message.pieces]
    return {"pieces": pieces or None, COUNT: len(pieces) or None, "closesAt": closes}


def read_gathering(item: Item) -> dict[str, Any]:
    closes = item.get("closesAt")
    pieces = tuple(map(_read_piece, item.get("pieces", ())))
    return {"pieces": pieces, "closes_at": from_text(closes) if closes else None}


def file_rows(files: Sequence[File]) -> list[dict[str, Any]] | None:
    return [_file_facts(file) for file in files] or None


def read_files(item: Item) -> tuple[File, ...]:
    return tuple(map(_read_file, item.get("files", ())))


def _piece_facts(piece: MessagePart) -> dict[str, Any]:
    facts = {
        "number": piece.number,
        "sentAt": piece.sent_at,
        "words": piece.words,
        "context": piece.context or None,
        "files": file_rows(piece.files),
        "album": piece.album or None,
        "units": piece.units or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _read_piece(row: Item) -> MessagePart:
    return MessagePart(
        number=row["number"],
        sent_at=row["sentAt"],
        words=row["words"],
        context=row.get("context", ""),
        files=read_files(row),
        album=row.get("album", ""),
        units=row.get("units", 0),
    )


def _file_facts(file: File) -> dict[str, Any]:
    facts = {"id": file.id, "name": file.name, "mimeType": file.mime_type, "size": file.size}
    return {**facts, "optional": True} if file.optional else facts


def _read_file(row: Item) -> File:
    return File(row["id"], row["name"], row["mimeType"], row["size"], row.get("optional", False))
