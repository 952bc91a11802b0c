"""What stays with an answer besides its words: the tools that were used, and the files that were handed over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from chalicelib.domain.turn import Tool

MOST_TOOLS = 60
MOST_TOOL_BYTES = 12 * 1024  # of an answer's tools as JSON: with a usual text they still fit one frame
MOST_KEPT_DETAIL = 600  # characters
MORE = "…"  # the name of the last one, where others were left out; its summary says how many
MediaKind = Literal["image", "audio", "video", "file"]
SHOWN: Mapping[MediaKind, frozenset[str]] = {
    "image": frozenset(f"image/{each}" for each in ("png", "jpeg", "gif", "webp", "avif", "bmp")),
    "audio": frozenset(f"audio/{each}" for each in ("mpeg", "mp4", "aac", "ogg", "wav", "x-wav", "flac", "webm")),
    "video": frozenset(f"video/{each}" for each in ("mp4", "webm", "ogg")),
}


@dataclass(frozen=True)
class KeptTool:
    n: int
    name: str
    summary: str
    state: Literal["done", "failed"]
    detail: str | None = None


@dataclass(frozen=True)
class Media:
    """A file in the user's part of the bucket."""

    id: str
    kind: MediaKind
    name: str
    mime_type: str
    bytes: int


class ToolLedger:
    """The calls of one turn, in the order in which they began."""

    def __init__(self) -> None:
        self._calls: dict[str, KeptTool] = {}

    def note(self, tool: Tool) -> None:
        call = tool.call or f"{tool.name} {len(self._calls) if tool.phase == 'start' else self._find_open(tool)}"
        known = self._calls.get(call)
        state: Literal["done", "failed"] = "done" if tool.phase == "end" else "failed"  # also where no end was told
        if known is None:
            known = KeptTool(len(self._calls) + 1, tool.name, tool.summary, state)
        detail = tool.detail if tool.phase != "start" and tool.detail else known.detail
        self._calls[call] = replace(known, state=state, summary=known.summary or tool.summary, detail=detail)

    def keep(self) -> tuple[KeptTool, ...]:
        return bound(list(self._calls.values()))

    def _find_open(self, tool: Tool) -> int:
        return next((kept.n - 1 for kept in reversed(self._calls.values()) if kept.name == tool.name), len(self._calls))


def bound(tools: Sequence[KeptTool]) -> tuple[KeptTool, ...]:
    """As many as fit, the first ones; their details go before any of them does."""
    short = [replace(tool, detail=tool.detail[:MOST_KEPT_DETAIL] if tool.detail else None) for tool in tools]
    if len(short) > MOST_TOOLS or _weigh(short) > MOST_TOOL_BYTES:
        short = [replace(tool, detail=None) for tool in short]
    kept = short[:MOST_TOOLS]
    while _weigh(kept) > MOST_TOOL_BYTES:
        kept = kept[: len(kept) * 3 // 4]
    if left := len(tools) - len(kept):
        kept.append(KeptTool(len(kept) + 1, MORE, f"+{left}", "done"))
    return tuple(kept)


def tool_facts(tools: Iterable[KeptTool]) -> list[dict[str, Any]]:
    """As rows and frames have them."""
    return [
        _present(n=each.n, name=each.name, summary=each.summary, detail=each.detail, state=each.state) for each in tools
    ]


def read_tools(facts: Iterable[Mapping[str, Any]] | None) -> tuple[KeptTool, ...]:
    return tuple(
        KeptTool(int(each["n"]), each["name"], each["summary"], each["state"], each.get("detail"))
        for each in facts or ()
    )


def media_facts(media: Iterable[Media]) -> list[dict[str, Any]]:
    return [
        {"id": each.id, "kind": each.kind, "name": each.name, "mimeType": each.mime_type, "bytes": each.bytes}
        for each in media
    ]


def read_media(facts: Iterable[Mapping[str, Any]] | None) -> tuple[Media, ...]:
    return tuple(
        Media(each["id"], each["kind"], each["name"], each["mimeType"], int(each["bytes"])) for each in facts or ()
    )


def kind_of_file(mime_type: str) -> MediaKind:
    """What no browser shows, or what may hold a program as SVG does, is a file: to be downloaded."""
    plain = mime_type.partition(";")[0].strip().lower()
    return next((kind for kind, types in SHOWN.items() if plain in types), "file")


def _weigh(tools: Sequence[KeptTool]) -> int:
    return len(json.dumps(tool_facts(tools), ensure_ascii=False).encode())


def _present(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
