"""Conversations and their entries, as history, REST and the socket show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from chalicelib.domain.attachment import File
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
    retryable: bool | None = None
    replaces: str | None = None
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Conversation:
    id: str
    title: str
    last_seq: int
    last_at: datetime
    pinned: bool = False
    archived: bool = False
    deleted: bool = False


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
        return replace(base, role="notice", status="failed", error_code=outcome.code, retryable=outcome.retryable)
    status: Status = "cancelled" if outcome.stop_reason == "cancelled" else "committed"
    return replace(base, status=status, usage=outcome.usage, stop_reason=outcome.stop_reason)
