"""Anthropic's Messages: https://docs.anthropic.com/en/api/messages-streaming."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from local.demo_model.answer import Answer

Event = dict[str, Any]
ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def stream(answer: Answer, model: str, tokens: int) -> Iterator[tuple[str, bool]]:
    """Server-sent events; True marks those that carry a word of the text."""
    message = _message(model, [], tokens, 1) | {"stop_reason": None}
    yield _event("message_start", message=message), False
    if answer.tool:
        name, given = answer.tool
        block = {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex}", "name": name, "input": {}}
        yield _event("content_block_start", index=0, content_block=block), False
        yield _delta({"type": "input_json_delta", "partial_json": given}), False
    else:
        yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""}), False
        for word in answer.words:
            yield _delta({"type": "text_delta", "text": word}), True
    yield _event("content_block_stop", index=0), False
    reason = "tool_use" if answer.tool else "end_turn"
    usage = {"output_tokens": len(answer.words)}
    yield _event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage=usage), False
    yield _event("message_stop"), False


def whole(answer: Answer, model: str, tokens: int) -> Event:
    if answer.tool:
        name, given = answer.tool
        block = {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex}", "name": name, "input": json.loads(given)}
        return _message(model, [block], tokens, len(answer.words)) | {"stop_reason": "tool_use"}
    return _message(model, [{"type": "text", "text": answer.text}], tokens, len(answer.words))


def error(status: int) -> Event:
    kind = ERRORS.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": f"The demo model was told to fail with {status}."}}


def _message(model: str, content: list[Event], tokens: int, written: int) -> Event:
    return {
        "id": f"msg_{uuid.uuid4().hex}",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": tokens, "output_tokens": written},
    }


def _delta(delta: Event) -> str:
    return _event("content_block_delta", index=0, delta=delta)


def _event(kind: str, **fields: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"
