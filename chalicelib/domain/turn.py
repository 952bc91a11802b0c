"""What the agent tells while it answers one message: the bridge's half of the conversation with OpenClaw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.domain.settings import PermissionMode

# At its end; by the person; at the model's limit; by the model's own will; by a fault, which is told with it.
StopReason = Literal["stop", "cancelled", "length", "declined", "broken"]


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
    call: str = ""  # the same for the start and the end of one call


@dataclass(frozen=True)
class Waiting:
    """Nothing was heard of the model for so long, and OpenClaw is alive."""

    seconds: int


Decision = Literal["allow", "deny"]
ApprovalState = Literal["open", "allowed", "denied", "expired"]


@dataclass(frozen=True)
class Approval:
    """The agent asks whether it may do something; told again when that is decided."""

    id: str
    command: str
    cwd: str | None = None
    expires_at: datetime | None = None  # of one that is open
    state: ApprovalState = "open"


@dataclass(frozen=True)
class Choice:
    """What a conversation has from now on; told again when OpenClaw has taken it."""

    model: str | None  # provider/model; None for the agent's own
    permission_mode: PermissionMode | None = None  # None: what OpenClaw was started with


@dataclass(frozen=True)
class Handed:
    """A file that the agent hands over; OpenClaw holds it."""

    name: str
    mime_type: str = ""
    artifact: str | None = None  # OpenClaw's name for it; None where it could not be had, for `problem`
    bytes: int | None = None
    problem: Literal["refused", "missing", "lost", "too_large", "too_many"] | None = None


@dataclass(frozen=True)
class Usage:
    input_tokens: int
    output_tokens: int
    cost_usd: float


@dataclass(frozen=True)
class Failed:
    code: str  # one of the error codes of the browser protocol
    text: str  # for the person: what happened and what to do
    retryable: bool
    key: str | None = None  # of failure_kinds.py: by it others say the same in the person's language
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Finished:
    text: str
    stop_reason: StopReason
    usage: Usage | None
    failure: Failed | None = None  # why it is broken
    handed: tuple[Handed, ...] = ()


TurnEvent = Delta | Tool | Waiting | Approval | Choice | Finished | Failed


@dataclass(frozen=True)
class Attachment:
    mime_type: str
    file_name: str
    content: bytes
