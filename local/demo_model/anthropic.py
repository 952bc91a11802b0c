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
    if answer.words or not answer.tool:
        yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""}), False
        for word in answer.words:
            yield _delta(0, {"type": "text_delta", "text": word}), True
        yield _event("content_block_stop", index=0), False
    if answer.tool:
        at = int(bool(answer.words))
        block = _tool_use(answer.tool)
        yield _event("content_block_start", index=at, content_block=block | {"input": {}}), False
        yield _delta(at, {"type": "input_json_delta", "partial_json": answer.tool[1]}), False
        yield _event("content_block_stop", index=at), False
    usage = {"output_tokens": len(answer.words)}
    yield _event("message_delta", delta={"stop_reason": _reason(answer), "stop_sequence": None}, usage=usage), False
    yield _event("message_stop"), False


def whole(answer: Answer, model: str, tokens: int) -> Event:
    text = [{"type": "text", "text": answer.text}] if answer.words or not answer.tool else []
    calls = [_tool_use(answer.tool)] if answer.tool else []
    return _message(model, [*text, *calls], tokens, len(answer.words)) | {"stop_reason": _reason(answer)}


def broken() -> str:
    """What comes instead of the rest of a stream."""
    return _event("error", error=error(529)["error"])


def _reason(answer: Answer) -> str:
    return "tool_use" if answer.tool else answer.directives.stop or "end_turn"


def _tool_use(tool: tuple[str, str]) -> Event:
    name, given = tool
    return {"type": "tool_use", "id": f"toolu_{uuid.uuid4().hex}", "name": name, "input": json.loads(given)}


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


def _delta(index: int, delta: Event) -> str:
    return _event("content_block_delta", index=index, delta=delta)


def _event(kind: str, **fields: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"
