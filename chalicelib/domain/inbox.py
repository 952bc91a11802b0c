"""Messages that wait for an answer: which one is next in each conversation, and which one is given up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.agent import Agent
from chalicelib.domain.attachment import File
from chalicelib.domain.conversation import Entry
from chalicelib.domain.failure_kinds import failed
from chalicelib.domain.gathering import MessagePart

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
    part: MessagePart | None = None  # on channels whose apps cut messages; `text` and `files` are made of it


@dataclass(frozen=True)
class Accepted:
    """The receipt: durable from now on."""

    id: str
    conversation_id: str
    seq: int
    message: Message | None = None  # as it is now; None when the same one had been accepted before
    joined: bool = False  # it became a part of a message that waits
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
    parts: tuple[MessagePart, ...] = ()  # in the order in which they were sent
    closes_at: datetime | None = None  # nobody begins before; until then more parts may come

    @property
    def begun(self) -> bool:
        """Has anybody worked on it, or been told not to?"""
        return self.claim_epoch > 0 or self.tried or self.cancelled


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
        files=message.files,
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


def gathers(message: Message, now: datetime) -> bool:
    """May more parts of it come, for which whoever would begin should wait?"""
    return message.closes_at is not None and now < message.closes_at and not message.begun


def heads(messages: Iterable[Message], busy: Collection[str], now: datetime) -> Iterator[Message]:
    """The oldest message of each conversation in which no turn runs: one turn at a time per conversation.

    One that more parts may belong to holds its conversation, so that nothing overtakes it.
    """
    seen = set(busy)
    for message in sorted(messages, key=lambda each: each.seq):
        if message.conversation_id not in seen:
            seen.add(message.conversation_id)
            if not gathers(message, now):
                yield message


def next_head(messages: Iterable[Message], now: datetime) -> timedelta | None:
    """How long until one that gathers is all there; None while there is none."""
    waits = (message.closes_at - now for message in messages if message.closes_at and gathers(message, now))
    return min(waits, default=None)
