"""How a tool call of OpenClaw reads to the person: a name, a line, and the details for who opens them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.turn import Tool

SUMMARY_LENGTH = 160
DETAIL_LENGTH = 4000
HIDDEN = ("tool_call", "tool_search", "tool_describe")  # by which the model reaches tools that it does not see
TELLING = ("command", "path", "file_path", "url", "query", "pattern", "prompt", "message", "action")


def is_hidden(name: str) -> bool:
    """What such a call calls is told on its own."""
    return name in HIDDEN


def read_tool(fields: Mapping[str, Any]) -> Tool | None:
    """None for updates of a call that goes on: its end repeats all they say."""
    name, call = str(fields.get("name", "tool")), str(fields.get("toolCallId", ""))
    match fields.get("phase"):
        case "start":
            return Tool(name, "start", _summarise(fields.get("args")), _describe(fields.get("args")), call)
        case "result":
            summary = _shorten(str(fields.get("meta") or ""), SUMMARY_LENGTH)
            detail = _read_result(fields.get("result"))
            return Tool(name, "error" if fields.get("isError") else "end", summary, detail, call)
    return None


def _summarise(arguments: Any) -> str:
    if not isinstance(arguments, Mapping):
        return ""
    texts = {name: value for name, value in arguments.items() if isinstance(value, str)}
    first = next((texts[name] for name in TELLING if name in texts), next(iter(texts.values()), ""))
    return _shorten(" ".join(first.split()), SUMMARY_LENGTH)


def _describe(arguments: Any) -> str | None:
    if not isinstance(arguments, Mapping) or not arguments:
        return None
    return _shorten(json.dumps(arguments, ensure_ascii=False, indent=2), DETAIL_LENGTH)


def _read_result(result: Any) -> str | None:
    if isinstance(result, str):
        return _shorten(result, DETAIL_LENGTH)
    parts = result.get("content") if isinstance(result, Mapping) else None
    if not isinstance(parts, list):
        return None
    return _shorten("".join(str(part.get("text", "")) for part in parts), DETAIL_LENGTH) or None


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
