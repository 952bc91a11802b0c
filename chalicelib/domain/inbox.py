"""Messages that wait for an answer: which one is next in each conversation, and which one is given up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.agent import Agent
from chalicelib.domain.attachment import File
from chalicelib.domain.conversation import Entry
from chalicelib.domain.failure_kinds import failed

MAX_CLAIMS = 3  # a message that three containers died on is not tried a fourth time

POISONED = failed("interrupted.set_aside")


@dataclass(frozen=True)
class Draft:
    """A message somebody wants to send; `key` is what makes it the same message when it comes again."""

    user_id: str
    key: str
    conversation_id: str
    text: str
    channel: str = "web"
    runtime: str = "auto"
    replaces: str | None = None
    reply_to: str | None = None  # where the answer goes on channels other than the web
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Accepted:
    """The receipt: durable from now on."""

    id: str
    conversation_id: str
    seq: int
    message: Message | None = None  # as it was written; None when the same one had been accepted before
    seen: Agent | None = field(default=None, compare=False)  # a moment before; it may have changed since


@dataclass(frozen=True)
class Message:
    """An accepted message that has no committed answer yet."""

    user_id: str
    id: str
    conversation_id: str
    seq: int
    text: str
    channel: str
    accepted_at: datetime
    runtime: str = "auto"
    reply_to: str | None = None
    replaces: str | None = None
    claim_epoch: int = 0
    claims: int = 0
    tried: bool = False  # before this claim: OpenClaw may have it, though a claim given back does not count
    cancelled: bool = False
    files: tuple[File, ...] = ()

    @property
    def poisoned(self) -> bool:
        return self.claims >= MAX_CLAIMS


def entry_of(message: Message, *, pending: bool = True) -> Entry:
    """The message as its conversation shows it."""
    return Entry(
        id=message.id,
        conversation_id=message.conversation_id,
        seq=message.seq,
        role="user",
        text=message.text,
        created_at=message.accepted_at,
        status="pending" if pending else "committed",
        channel=message.channel,
        replaces=message.replaces,
    )


@dataclass(frozen=True)
class Catchup:
    """A connection that came back and wants the part of a running answer that it missed."""

    user_id: str
    connection_id: str
    conversation_id: str


@dataclass(frozen=True)
class Delivery:
    """A committed answer on its way to where it was asked, or to a chat that mirrors what is said elsewhere."""

    user_id: str
    seq: int
    channel: str
    conversation_id: str
    reply_to: str | None = None
    mirror: bool = False


def heads(messages: Iterable[Message], busy: Collection[str]) -> Iterator[Message]:
    """The oldest message of each conversation in which no turn runs: one turn at a time per conversation."""
    seen = set(busy)
    for message in sorted(messages, key=lambda each: each.seq):
        if message.conversation_id not in seen:
            seen.add(message.conversation_id)
            yield message
