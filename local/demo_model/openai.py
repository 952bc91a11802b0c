"""OpenAI's chat completions: https://platform.openai.com/docs/api-reference/chat/streaming."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

from local.demo_model.answer import Answer

Event = dict[str, Any]
REASONS = {"max_tokens": "length", "refusal": "content_filter"}  # by Anthropic's words


def stream(answer: Answer, model: str, tokens: int) -> Iterator[tuple[str, bool]]:
    """Server-sent events; True marks those that carry a word of the text."""
    base = _base(model, "chat.completion.chunk")
    yield _chunk(base, {"role": "assistant", "content": ""}), False
    for word in answer.words:
        yield _chunk(base, {"content": word}), True
    if answer.tool:
        yield _chunk(base, {"tool_calls": [{"index": 0, **_call(answer.tool)}]}), False
    yield _chunk(base | {"usage": _usage(answer, tokens)}, {}, _reason(answer)), False
    yield "data: [DONE]\n\n", False


def whole(answer: Answer, model: str, tokens: int) -> Event:
    calls = {"tool_calls": [_call(answer.tool)]} if answer.tool else {}
    message = {"role": "assistant", "content": answer.text or None, **calls}
    choice = {"index": 0, "message": message, "finish_reason": _reason(answer)}
    return _base(model, "chat.completion") | {"choices": [choice], "usage": _usage(answer, tokens)}


def broken() -> str:
    """What comes instead of the rest of a stream."""
    return f"data: {json.dumps(error(529))}\n\n"


def _reason(answer: Answer) -> str:
    return "tool_calls" if answer.tool else REASONS.get(answer.directives.stop or "", "stop")


def error(status: int) -> Event:
    message = f"The demo model was told to fail with {status}."
    return {"error": {"message": message, "type": "demo_error", "param": None, "code": str(status)}}


def _base(model: str, kind: str) -> Event:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def _chunk(base: Event, delta: Event, reason: str | None = None) -> str:
    return f"data: {json.dumps(base | {'choices': [{'index': 0, 'delta': delta, 'finish_reason': reason}]})}\n\n"


def _call(tool: tuple[str, str]) -> Event:
    name, given = tool
    return {"id": f"call_{uuid.uuid4().hex}", "type": "function", "function": {"name": name, "arguments": given}}


def _usage(answer: Answer, tokens: int) -> Event:
    written = len(answer.words)
    return {"prompt_tokens": tokens, "completion_tokens": written, "total_tokens": tokens + written}
