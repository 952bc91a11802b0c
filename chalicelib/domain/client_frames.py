"""What a page says over the socket: each kind of frame, read and checked.

`tests/golden/client_frames.json` freezes the shapes for this side and for the page.
Readers ignore keys they do not know and name the one they miss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.attachment import MOST_UPLOADS
from chalicelib.domain.fields import count, json_object, short, uuid_of
from chalicelib.domain.lengths import MESSAGE_CHARS, is_short
from chalicelib.domain.protocol import FRAME_BYTES, Frame
from chalicelib.domain.text import clean, is_empty
from chalicelib.domain.turn import Decision
from chalicelib.errors import InvalidMessage, MessageTooLarge


@dataclass(frozen=True)
class Send:
    id: str
    conversation_id: str
    text: str
    runtime: str = "auto"
    replaces: str | None = None
    attachments: tuple[str, ...] = ()  # ids of uploads


@dataclass(frozen=True)
class Cancel:
    turn: str


@dataclass(frozen=True)
class Approve:
    """The person's decision on a question of the agent's."""

    id: str
    decision: Decision


@dataclass(frozen=True)
class Resume:
    conversation_id: str
    after: int
    turn: str | None = None
    chunk: int = 0


@dataclass(frozen=True)
class StatusRequest:
    pass


@dataclass(frozen=True)
class Ping:
    pass


ClientFrame = Send | Cancel | Approve | Resume | StatusRequest | Ping


def parse(body: str) -> ClientFrame:
    """The frame in `body`. Raises InvalidMessage or MessageTooLarge, with words for the person."""
    size = len(body.encode(errors="replace"))
    if size > FRAME_BYTES:
        raise MessageTooLarge(f"the message has {size} bytes, at most {FRAME_BYTES} are possible")
    fields = json_object(body)
    reader = _READERS.get(str(fields.get("type")))
    if reader is None:
        raise InvalidMessage(f"type is {short(fields.get('type'))}, possible: {', '.join(_READERS)}")
    return reader(fields)


def peek_id(body: str) -> str | None:
    """The `id` of a frame that could not be accepted, so that its sender knows which one it was."""
    try:
        return uuid_of(json_object(body), "id")
    except InvalidMessage:
        return None


def _text(fields: Mapping[str, Any], *, may_be_empty: bool) -> str:
    value = fields.get("text")
    text = clean(value) if isinstance(value, str) else ""
    if not isinstance(value, str) or (is_empty(text) and not may_be_empty):
        raise InvalidMessage("text is missing or empty")
    if not is_short(text):
        raise MessageTooLarge(f"a message has at most {MESSAGE_CHARS:,} characters; attach a longer text as a file")
    return text


def _attachments(fields: Mapping[str, Any]) -> tuple[str, ...]:
    value = fields.get("attachments") or []
    if not isinstance(value, list) or len(value) > MOST_UPLOADS:
        raise InvalidMessage(f"attachments is {short(value)}, wanted a list of at most {MOST_UPLOADS} upload ids")
    return tuple(dict.fromkeys(uuid_of({"attachments": each}, "attachments") for each in value))


def _optional_uuid(fields: Mapping[str, Any], key: str) -> str | None:
    return None if fields.get(key) is None else uuid_of(fields, key)


def _runtime(fields: Mapping[str, Any]) -> str:
    value = fields.get("runtime", "auto")
    if value not in ("auto", "fargate", "lambda"):
        raise InvalidMessage(f"runtime is {short(value)}, possible: auto, fargate, lambda")
    return str(value)


def _send(fields: Frame) -> Send:
    attachments = _attachments(fields)
    return Send(
        id=uuid_of(fields, "id"),
        conversation_id=uuid_of(fields, "conversationId"),
        text=_text(fields, may_be_empty=bool(attachments)),
        runtime=_runtime(fields),
        replaces=_optional_uuid(fields, "replaces"),
        attachments=attachments,
    )


def _approve(fields: Frame) -> Approve:
    match fields.get("decision"):
        case "allow" | "deny" as decision:
            return Approve(id=uuid_of(fields, "id"), decision=decision)
        case other:
            raise InvalidMessage(f"decision is {short(other)}, possible: allow, deny")


def _resume(fields: Frame) -> Resume:
    return Resume(
        conversation_id=uuid_of(fields, "conversationId"),
        after=count(fields, "after"),
        turn=_optional_uuid(fields, "turn"),
        chunk=count(fields, "chunk"),
    )


_READERS: Mapping[str, Callable[[Frame], ClientFrame]] = {
    "send": _send,
    "cancel": lambda fields: Cancel(turn=uuid_of(fields, "turn")),
    "approve": _approve,
    "resume": _resume,
    "status": lambda fields: StatusRequest(),
    "ping": lambda fields: Ping(),
}
