"""What the person typed, out of a request that OpenClaw filled with 40 KB of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Body = Mapping[str, Any]
CONTEXT = re.compile(r"<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>.*?<<<END_OPENCLAW_INTERNAL_CONTEXT>>>", re.DOTALL)
TIME = re.compile(r"^\s*\[[A-Z][a-z]{2} \d{4}-\d\d-\d\d \d\d:\d\d[^\]]*\] ?")
NOTICE = "[System]"  # a row of OpenClaw's own, after a crash for one
TITLE = re.compile(r"\btitle\b", re.IGNORECASE)


@dataclass(frozen=True)
class Prompt:
    text: str  # the last thing a person said
    turns: int  # how many things a person said
    tool_result: str | None  # when the request only brings a tool's answer back
    title: bool  # a name for the conversation is wanted, not an answer
    results: int = 0  # of tools, since that person spoke

    @property
    def line(self) -> str:
        return self.text.strip().splitlines()[-1].strip() if self.text.strip() else ""


def read(body: Body) -> Prompt:
    said = [words for message in body.get("messages") or [] if (words := _words(message))]
    wants_title = not body.get("tools") and bool(TITLE.search(_system(body)))
    results = _tool_results(body)
    return Prompt(said[-1] if said else "", len(said), results[-1] if results else None, wants_title, len(results))


def _words(message: Body) -> str:
    """Empty for everything that no person wrote."""
    if message.get("role") != "user":
        return ""
    text = TIME.sub("", CONTEXT.sub("", "\n".join(_texts(message.get("content")))).strip())
    return "" if text.startswith(NOTICE) else text.strip()


def _tool_results(body: Body) -> list[str]:
    """What tools have answered since a person last spoke, oldest first."""
    found: list[str] = []
    for message in body.get("messages") or []:
        if _words(message):
            found = []
        elif message.get("role") == "tool":
            found.append("\n".join(_texts(message.get("content"))))
        else:
            blocks = _blocks(message.get("content"))
            found += ["\n".join(_texts(each.get("content"))) for each in blocks if each.get("type") == "tool_result"]
    return found


def _system(body: Body) -> str:
    own = [message for message in body.get("messages") or [] if message.get("role") in ("system", "developer")]
    contents = [body.get("system"), *(message.get("content") for message in own)]
    return "\n".join(text for content in contents for text in _texts(content))


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    for block in _blocks(content):
        if block.get("type") in ("text", "input_text"):
            yield str(block.get("text", ""))


def _blocks(content: Any) -> Iterator[Body]:
    if isinstance(content, list):
        yield from (block for block in content if isinstance(block, dict))
