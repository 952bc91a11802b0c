"""What a page is told, over the socket and by REST: every frame and body, built in one place.

`tests/golden/server_frames.json` and `rest.json` freeze the shapes for this side and for the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from chalicelib.domain.agent import Agent, State
from chalicelib.domain.attachment import File
from chalicelib.domain.conversation import Conversation, Entry
from chalicelib.domain.estimate import Estimate
from chalicelib.domain.kept import media_facts, tool_facts
from chalicelib.domain.models import Models
from chalicelib.domain.notes import describe
from chalicelib.domain.search import Hit
from chalicelib.domain.settings import Settings
from chalicelib.domain.times import to_text
from chalicelib.errors import RateLimited, ServiceError

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


def hits(items: Iterable[Hit], after: str | None) -> Frame:
    """A part of what was found; `after` goes on from there, where not everything was looked at."""
    return _present({"hits": [hit(each) for each in items], "after": after})


def hit(item: Hit) -> Frame:
    facts = {"conversationId": item.conversation_id, "title": item.title, "at": to_text(item.at)}
    said = {} if item.seq is None else {"seq": item.seq, "role": item.role, "excerpt": item.excerpt}
    return facts | said


def settings(chosen: Settings) -> Frame:
    return {
        "model": chosen.model,
        "idleMinutes": chosen.idle_minutes,
        "language": chosen.language,
        "mirrorToTelegram": chosen.mirror,
        "permissionMode": chosen.permission_mode,
        "ownWorkHours": chosen.own_work_hours,
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
            **describe(agent.note, runs=agent.state is State.RUNNING, waits=agent.waiting),
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
