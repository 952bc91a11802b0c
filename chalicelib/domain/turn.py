"""What the agent tells while it answers one message: the bridge's half of the conversation with OpenClaw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Delta:
    text: str
    replace: bool = False  # the text so far is void, `text` is the text now
    last: bool = False  # no text follows: there is nothing to wait for


@dataclass(frozen=True)
class Tool:
    name: str
    phase: Literal["start", "end", "error"]
    summary: str
    detail: str | None = None


@dataclass(frozen=True)
class Usage:
    input_tokens: int
    output_tokens: int
    cost_usd: float


@dataclass(frozen=True)
class Finished:
    text: str
    stop_reason: Literal["stop", "cancelled"]
    usage: Usage | None


@dataclass(frozen=True)
class Failed:
    code: str  # one of the error codes of the browser protocol
    text: str  # for the person: what happened and what to do
    retryable: bool


@dataclass(frozen=True)
class Choice:
    """The model of a conversation from now on; told again when OpenClaw has taken it."""

    model: str | None  # provider/model; None for the agent's own


TurnEvent = Delta | Tool | Choice | Finished | Failed


@dataclass(frozen=True)
class Attachment:
    mime_type: str
    file_name: str
    content: bytes
