"""Conversations and their entries, as history, REST and the socket show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from chalicelib.domain.attachment import File
from chalicelib.domain.kept import KeptTool, Media
from chalicelib.domain.turn import Failed, Finished, Usage

Role = Literal["user", "agent", "notice"]
Status = Literal["pending", "committed", "failed", "cancelled"]
TITLE_LENGTH = 60


@dataclass(frozen=True)
class Entry:
    """One message of a conversation: the user's, the agent's answer, or a notice that there is none."""

    id: str
    conversation_id: str
    seq: int
    role: Role
    text: str
    created_at: datetime
    status: Status = "committed"
    channel: str = "web"
    runtime: str = "fargate"
    turn: str | None = None
    usage: Usage | None = None
    duration_ms: int | None = None
    stop_reason: str | None = None
    error_code: str | None = None
    error_key: str | None = None
    error_params: Mapping[str, str] = field(default_factory=dict)
    retryable: bool | None = None
    replaces: str | None = None
    files: tuple[File, ...] = ()
    tools: tuple[KeptTool, ...] = ()
    media: tuple[Media, ...] = ()


@dataclass(frozen=True)
class Conversation:
    id: str
    title: str
    last_seq: int
    last_at: datetime
    pinned: bool = False
    archived: bool = False
    deleted: bool = False


def media_key(user_id: str, media_id: str) -> str:
    """Where a file of an answer lies in the bucket."""
    assert "/" not in user_id + media_id, "a name must not lead into another's keys"
    return f"users/{user_id}/media/{media_id}"


def title(text: str) -> str:
    """The first line of the first message, cut at a word."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "…")
    if len(line) <= TITLE_LENGTH:
        return line
    head = line[:TITLE_LENGTH]
    return (head.rsplit(" ", 1)[0] if " " in head else head) + "…"


def title_of(entry: Entry) -> str:
    """Of a conversation that begins with this entry; a file without words gives its name."""
    return title(entry.text.strip() or " ".join(file.name for file in entry.files))


def answer(question: Entry, outcome: Finished | Failed, now: datetime, duration_ms: int) -> Entry:
    """The entry that ends a turn: the answer, or a notice that says why there is none."""
    base = Entry(
        id=f"{question.id}:answer",
        conversation_id=question.conversation_id,
        seq=question.seq + 1,
        role="agent",
        text=outcome.text,
        created_at=now,
        channel=question.channel,
        runtime=question.runtime,
        turn=question.id,
        duration_ms=duration_ms,
    )
    if isinstance(outcome, Failed):
        return _explained(replace(base, role="notice", status="failed"), outcome)
    status: Status = "cancelled" if outcome.stop_reason == "cancelled" else "committed"
    told = replace(base, status=status, usage=outcome.usage, stop_reason=outcome.stop_reason)
    return _explained(told, outcome.failure) if outcome.failure else told


def _explained(entry: Entry, failure: Failed) -> Entry:
    named = replace(entry, error_code=failure.code, error_key=failure.key, error_params=failure.params)
    return replace(named, retryable=failure.retryable)
