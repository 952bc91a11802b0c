"""Browser <-> cloud: every frame of the socket, parsed and built in one place.

`tests/golden/client_frames.json` and `server_frames.json` freeze the shapes for this side and for the page.
Readers ignore keys they do not know and name the one they miss.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.attachment import MOST_UPLOADS, File
from chalicelib.domain.conversation import Conversation, Entry
from chalicelib.domain.estimate import Estimate
from chalicelib.domain.fields import count, json_object, short, uuid_of
from chalicelib.domain.kept import media_facts, tool_facts
from chalicelib.domain.lengths import MESSAGE_CHARS, is_short
from chalicelib.domain.models import Models
from chalicelib.domain.notes import describe
from chalicelib.domain.settings import Settings
from chalicelib.domain.text import clean, is_empty
from chalicelib.domain.times import to_text
from chalicelib.errors import InvalidMessage, MessageTooLarge, RateLimited, ServiceError

SUBPROTOCOL = "openclaw.v1"
TICKET_PREFIX = "ticket."
FRAME_BYTES = 24 * 1024  # API Gateway's frame is 32 KiB; JSON escapes and the envelope need room

ERROR_CODES: Mapping[str, str] = {
    "invalid_message": "the frame or body could not be understood",
    "too_large": "the message is larger than a message may be",
    "not_allowed": "the caller may not do this",
    "signed_out": "the user has signed out everywhere after this identity was given",
    "not_found": "there is no such thing, or it belongs to somebody else",
    "budget_spent": "the day's budget is used up",
    "rate_limited": "too many requests; the provider's or ours",
    "agent_unavailable": "the agent cannot be started or reached",
    "agent_busy": "the agent has work, so it cannot be put to sleep",
    "model_error": "the model's provider failed",
    "model_auth": "the model's provider refused the key",
    "interrupted": "the turn was cut off and not finished",
    "internal": "a fault of ours",
}

Frame = dict[str, Any]


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


ClientFrame = Send | Cancel | Resume | StatusRequest | Ping


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
    "resume": _resume,
    "status": lambda fields: StatusRequest(),
    "ping": lambda fields: Ping(),
}


def _present(fields: Frame) -> Frame:
    return {key: value for key, value in fields.items() if value is not None}


def entry(item: Entry) -> Frame:
    """An entry as REST and the `message` frame show it; absent facts are absent keys."""
    return _present(
        {
            "id": item.id,
            "conversationId": item.conversation_id,
            "seq": item.seq,
            "role": item.role,
            "text": item.text,
            "attachments": [attachment(file) for file in item.files] or None,
            "createdAt": to_text(item.created_at),
            "channel": item.channel,
            "status": item.status,
            "turn": item.turn,
            "usage": usage(item),
            "durationMs": item.duration_ms,
            "stopReason": item.stop_reason,
            **failure(item),
            "runtime": item.runtime,
            "replaces": item.replaces,
            "tools": tool_facts(item.tools) or None,
            "media": media_facts(item.media) or None,
        }
    )


def attachment(file: File) -> Frame:
    return {"id": file.id, "name": file.name, "mimeType": file.mime_type, "bytes": file.size}


def failure(item: Entry) -> Frame:
    """What went wrong, by a code and a key; the text has it in English."""
    params = dict(item.error_params) or None
    facts = {"errorCode": item.error_code, "errorKey": item.error_key, "errorParams": params}
    return _present(facts | {"retryable": item.retryable})


def usage(item: Entry) -> Frame | None:
    if item.usage is None:
        return None
    return {
        "inputTokens": item.usage.input_tokens,
        "outputTokens": item.usage.output_tokens,
        "costUsd": item.usage.cost_usd,
    }


def conversation(item: Conversation) -> Frame:
    return {
        "id": item.id,
        "title": item.title,
        "pinned": item.pinned,
        "archived": item.archived,
        "lastSeq": item.last_seq,
        "lastAt": to_text(item.last_at),
    }


def listing(items: Iterable[Conversation], after: str | None) -> Frame:
    """A page of the list; `after` asks for the next one, where there is one."""
    return _present({"conversations": [conversation(each) for each in items], "after": after})


def settings(chosen: Settings) -> Frame:
    return {
        "model": chosen.model,
        "idleMinutes": chosen.idle_minutes,
        "language": chosen.language,
        "mirrorToTelegram": chosen.mirror,
    }


def models(choice: Models) -> Frame:
    listed = [{"id": model.id, "name": model.name, "provider": model.provider} for model in choice.models]
    return {"models": listed, "default": choice.default, "demo": choice.demo}


def message(item: Entry) -> Frame:
    """What somebody said may be longer than a frame: then its beginning, and all of it from REST."""
    frame = {"type": "message", **entry(item)}
    while item.role == "user" and (size := len(json.dumps(frame, ensure_ascii=False).encode())) > FRAME_BYTES:
        frame["text"] = f"{frame['text'][: len(frame['text']) * FRAME_BYTES // size - 2]}…"
    return frame


def ack(message_id: str, conversation_id: str, seq: int) -> Frame:
    return {"type": "ack", "id": message_id, "conversationId": conversation_id, "seq": seq}


def status(agent: Agent, estimate: Estimate | None = None) -> Frame:
    """What the orb shows. `eta` is seconds from the start of the wake-up; only while it starts or sleeps."""
    resting = agent.state in (State.IDLE, State.STARTING)
    return _present(
        {
            "type": "status",
            "status": agent.state.value.lower(),
            "stage": agent.step.value if agent.step and agent.state is not State.IDLE else None,
            "since": to_text(agent.since) if agent.since else None,
            "eta": {"p50": estimate.p50, "p90": estimate.p90} if estimate and resting else None,
            "runtime": agent.runtime,
            "pending": agent.pending,
            **describe(agent.note),
        }
    )


def error(code: str, text: str, *, retryable: bool, id: str | None = None) -> Frame:
    return _present({"type": "error", "code": code, "message": text, "retryable": retryable, "id": id})


def refusal(why: ServiceError, *, id: str | None = None) -> Frame:
    return error(why.code, str(why), retryable=why.retryable, id=id) | _again(why)


def rest_refusal(why: ServiceError) -> Frame:
    return {"code": why.code, "message": str(why)} | _again(why)


def _again(why: ServiceError) -> Frame:
    """The seconds after which the same may pass, where they are known."""
    return {"retryAfter": why.retry_after} if isinstance(why, RateLimited) else {}


def goaway(reason: str, left: timedelta) -> Frame:
    """The socket ends in so many milliseconds: a page makes another one before that."""
    return {"type": "goaway", "reason": reason, "withinMs": left // timedelta(milliseconds=1)}


def pong() -> Frame:
    return {"type": "pong"}
