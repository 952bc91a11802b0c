"""Conversations and their entries: rows of the Conversations table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.conversation import Conversation, Entry, title_of
from chalicelib.domain.kept import media_facts, read_media, read_tools, tool_facts
from chalicelib.domain.times import from_text, to_text
from chalicelib.domain.turn import Usage
from chalicelib.errors import ConditionFailed
from chalicelib.store import Exists, Item, Put, Store, Table, Update
from chalicelib.tables.files import file_facts, read_files

META = "conversation#"


def meta_key(user_id: str, conversation_id: str) -> dict[str, str]:
    return {"userId": user_id, "sk": f"{META}{conversation_id}"}


def entry_key(user_id: str, conversation_id: str, seq: int) -> dict[str, str]:
    return {"userId": user_id, "sk": f"{conversation_id}#{seq:012d}"}


@dataclass(frozen=True)
class Conversations:
    store: Store

    def list(self, user_id: str) -> list[Conversation]:
        rows = self.store.query(Table.CONVERSATIONS, user_id, start=META, end=f"{META}~")
        return [read_conversation(row) for row in rows]

    def get(self, user_id: str, conversation_id: str) -> Conversation | None:
        row = self.store.get(Table.CONVERSATIONS, meta_key(user_id, conversation_id))
        return read_conversation(row) if row else None

    def entries(
        self,
        user_id: str,
        conversation_id: str,
        *,
        after: int = -1,
        before: int | None = None,
        limit: int | None = None,
    ) -> Sequence[Entry]:
        """Entries with after < seq < before, ascending; with `limit` the newest of them."""
        return [read_entry(row) for row in self.rows(user_id, conversation_id, after, before, limit)]

    def rows(
        self, user_id: str, conversation_id: str, after: int = -1, before: int | None = None, limit: int | None = None
    ) -> Sequence[Item]:
        """The same as rows, whose texts are fetched when they are read."""
        last = 10**12 - 1 if before is None else before - 1
        if last <= after:
            return []
        return self.store.query(
            Table.CONVERSATIONS,
            user_id,
            start=f"{conversation_id}#{after + 1:012d}",
            end=f"{conversation_id}#{last:012d}",
            limit=limit,
            newest=limit is not None,
        )

    def ensure(self, user_id: str, conversation: Conversation) -> None:
        """Makes the row of a conversation that has none."""
        facts = {
            "title": conversation.title,
            "pinned": False,
            "archived": False,
            "deleted": False,
            "lastSeq": conversation.last_seq,
            "lastAt": to_text(conversation.last_at),
        }
        self.store.write(Update(Table.CONVERSATIONS, meta_key(user_id, conversation.id), default=facts))

    def change(self, user_id: str, conversation_id: str, **facts: Any) -> Conversation | None:
        """Sets attributes of a conversation that is there; None when it is not."""
        key = meta_key(user_id, conversation_id)
        try:
            row = self.store.write(Update(Table.CONVERSATIONS, key, set=facts, when=(Exists("userId"),)))
        except ConditionFailed:
            return None
        return read_conversation(row)


def put_entry(user_id: str, entry: Entry) -> Put:
    key = entry_key(user_id, entry.conversation_id, entry.seq)
    return Put(Table.CONVERSATIONS, {**key, **_entry_facts(entry)})


def grow(user_id: str, question: Entry, last: Entry, now: datetime) -> Update:
    """The conversation's row after a turn; created by its first one."""
    return Update(
        Table.CONVERSATIONS,
        meta_key(user_id, last.conversation_id),
        set={"lastSeq": last.seq, "lastAt": to_text(now)},
        default={"title": title_of(question), "pinned": False, "archived": False, "deleted": False},
    )


def _entry_facts(entry: Entry) -> dict[str, Any]:
    usage = entry.usage
    return {
        "messageId": entry.id,
        "conversationId": entry.conversation_id,
        "role": entry.role,
        "text": entry.text,
        "createdAt": to_text(entry.created_at),
        "status": entry.status,
        "channel": entry.channel,
        "runtime": entry.runtime,
        "turn": entry.turn,
        "usage": usage and {"input": usage.input_tokens, "output": usage.output_tokens, "costUsd": usage.cost_usd},
        "durationMs": entry.duration_ms,
        "stopReason": entry.stop_reason,
        "errorCode": entry.error_code,
        "errorKey": entry.error_key,
        "errorParams": dict(entry.error_params) or None,
        "retryable": entry.retryable,
        "replaces": entry.replaces,
        "files": file_facts(entry.files),
        "tools": tool_facts(entry.tools) or None,
        "media": media_facts(entry.media) or None,
    }


def read_entry(row: Item) -> Entry:
    return Entry(
        id=row["messageId"],
        conversation_id=row["conversationId"],
        seq=int(row["sk"].rsplit("#", 1)[1]),
        role=row["role"],
        text=row["text"],
        created_at=from_text(row["createdAt"]),
        status=row["status"],
        channel=row["channel"],
        runtime=row.get("runtime", "fargate"),
        turn=row.get("turn"),
        usage=_usage(row.get("usage")),
        duration_ms=row.get("durationMs"),
        stop_reason=row.get("stopReason"),
        error_code=row.get("errorCode"),
        error_key=row.get("errorKey"),
        error_params=row.get("errorParams") or {},
        retryable=row.get("retryable"),
        replaces=row.get("replaces"),
        files=read_files(row),
        tools=read_tools(row.get("tools")),
        media=read_media(row.get("media")),
    )


def _usage(row: Item | None) -> Usage | None:
    return Usage(row["input"], row["output"], row["costUsd"]) if row else None


def read_conversation(row: Item) -> Conversation:
    return Conversation(
        id=row["sk"].removeprefix(META),
        title=row["title"],
        last_seq=row.get("lastSeq", 0),
        last_at=from_text(row["lastAt"]),
        pinned=row.get("pinned", False),
        archived=row.get("archived", False),
        deleted=row.get("deleted", False),
    )
