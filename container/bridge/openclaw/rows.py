"""What the rows of one turn say in OpenClaw's transcript: its words, its tools, its files, what it cost. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.domain.text import one_line
from chalicelib.domain.turn import Handed, Usage
from container.bridge.openclaw.protocol import Json, RunTool, read_text
from container.bridge.openclaw.tools import is_hidden, read_tool
from container.bridge.openclaw.words import join

INJECTED = "gateway-injected"  # the model of rows that were put into the conversation, and of what an abort left
# How OpenClaw begins what it says of a failure, in the place of the model's words or in front of them.
OWN_WORDS = re.compile(
    r"⚠️ |LLM request |LLM streaming |Context overflow: |Chat stopped as a precaution|\[assistant turn failed before "
    r"|The (agent run failed before|provider refused this request|worker could not|AI service returned) ?"
)


def say(rows: Sequence[Json]) -> str:
    """All the words in order."""
    return join(read_error(row)[1] for row in _spoken(rows))


def _spoken(rows: Sequence[Json]) -> list[Json]:
    """The agent's rows. Of an attempt that another one followed, those that led to a tool: it says its end again, also
    where OpenClaw died between the last word and its note that this was the end."""
    last = max((place for place, row in enumerate(rows) if row.get("role") == "user"), default=0)
    tool = max((place for place, row in enumerate(rows[:last]) if _is_of_tool(row)), default=-1)
    own = [row for place, row in enumerate(rows) if is_own(row) and (place >= last or place <= tool)]
    return [row for place, row in enumerate(own) if not _is_said_again(row, own[place + 1 :])]


def _is_said_again(row: Json, later: Sequence[Json]) -> bool:
    """What was cut off, and begins a later row: an attempt of which OpenClaw notes nothing else."""
    cut, words = row.get("openclawAbort") or row.get("stopReason") in ("error", "aborted"), read_error(row)[1]
    return bool(cut and words) and any(read_error(each)[1].startswith(words) for each in later)


def _is_of_tool(row: Json) -> bool:
    return row.get("stopReason") == "toolUse" or row.get("role") == "toolResult"


def is_own(row: Json) -> bool:
    """Does the agent say it in this turn?"""
    foreign = row.get("openclawAutomation") or (row.get("model") == INJECTED and not row.get("openclawAbort"))
    return row.get("role") == "assistant" and not foreign


def read_error(row: Json) -> tuple[str, str]:
    """What OpenClaw says of the failure, and what the model had said before: both stand in the same row."""
    text = (read_text(row) or "").strip()
    if row.get("stopReason") != "error":
        return "", text
    head, _, rest = text.partition("\n\n") if OWN_WORDS.match(text) else ("", "", text)
    return head or str(row.get("errorMessage") or ""), rest


def list_tools(rows: Sequence[Json], run_id: str, session: str) -> list[RunTool]:
    told = [call for row in rows for part in _parts(row) if (call := _read_call(part))]
    told += [_read_result(row) for row in rows if row.get("role") == "toolResult"]
    order = {fields["toolCallId"]: place for place, fields in enumerate(told) if fields["phase"] == "start"}
    told.sort(key=lambda fields: (order.get(fields["toolCallId"], len(told)), fields["phase"] != "start"))
    return [
        RunTool(run_id, session, tool.call, tool, is_hidden(tool.name)) for each in told if (tool := read_tool(each))
    ]


def list_files(rows: Sequence[Json]) -> tuple[Handed, ...]:
    return tuple(found for row in _spoken(rows) for part in _parts(row) if (found := _read_file(part)))


def sum_usage(rows: Sequence[Json]) -> Usage | None:
    """All model calls together; None if the rows tell of none."""
    counts = [row["usage"] for row in rows if row.get("usage")]
    if not counts:
        return None
    return Usage(
        input_tokens=sum(_count(usage, "input", "cacheRead", "cacheWrite") for usage in counts),
        output_tokens=sum(_count(usage, "output") for usage in counts),
        cost_usd=sum(float((usage.get("cost") or {}).get("total") or 0) for usage in counts),
    )


def _parts(row: Json) -> Iterator[Json]:
    content = row.get("content")
    yield from (part for part in content if isinstance(part, Mapping)) if isinstance(content, list) else ()


def _read_call(part: Json) -> dict[str, Any] | None:
    """Also of a call inside another one, whose row has its result beside it."""
    match part.get("type"):
        case "toolCall":
            return {
                "phase": "start",
                "name": part.get("name"),
                "toolCallId": part.get("id"),
                "args": part.get("arguments"),
            }
        case "toolResult":
            return _read_result(part)
    return None


def _read_result(row: Json) -> dict[str, Any]:
    fields = {"phase": "result", "name": row.get("toolName"), "toolCallId": row.get("toolCallId")}
    return {**fields, "isError": row.get("isError"), "result": {"content": row.get("content")}}


def _read_file(part: Json) -> Handed | None:
    match part.get("type"):
        case "image" | "audio" | "video" if part.get("artifactId"):
            name = one_line(str(part.get("alt") or part.get("fileName") or part["type"]))
            return Handed(name, str(part.get("mimeType", "")), str(part["artifactId"]), part.get("sizeBytes"))
        case "attachment":
            told = part.get("attachment") or {}
            name, mime_type = one_line(str(told.get("label") or "file")), str(told.get("mimeType", ""))
            return Handed(name, mime_type, str(told.get("artifactId") or ""), told.get("sizeBytes"))
        case "attachment_error":
            told = part.get("attachment") or {}
            missing = told.get("code") == "file-not-found"
            return Handed(one_line(str(told.get("label") or "file")), problem="missing" if missing else "refused")
    return None


def _count(usage: Json, *names: str) -> int:
    return sum(int(usage.get(name) or 0) for name in names)
