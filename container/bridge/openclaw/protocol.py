"""OpenClaw's gateway protocol, version 4: frames in, typed events out. No socket, no thread, no clock.

The socket lives in connection.py, what is said about one message in exchange.py, the transcript in history.py.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.turn import Attachment, Choice, Tool
from container.bridge.openclaw.approvals import CAPS, KINDS, SCOPE, GatewayApproval, read_asked, read_decided
from container.bridge.openclaw.tools import is_hidden, read_tool

Json = Mapping[str, Any]

VERSION = 4
_ESCAPED_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_HALF, _FIRST_HALF = re.compile("[\ud800-\udfff]"), re.compile("[\ud800-\udbff]")
ASKS = (".approval.requested", ".approval.resolved")
OPERATOR = ("operator.read", "operator.write", "operator.admin")  # admin: to send text that is no command


@dataclass(frozen=True)
class Challenge:
    """The first frame of a connection; answer it with `connect`."""


@dataclass(frozen=True)
class Response:
    id: str
    payload: Json
    error: Refusal | None


@dataclass(frozen=True)
class Refusal:
    code: str
    message: str
    retry_after: float | None  # seconds; None where trying again is pointless


@dataclass(frozen=True)
class RunEvent:
    run_id: str
    session: str  # the session key, in lower case as OpenClaw keeps it


@dataclass(frozen=True)
class RunText(RunEvent):
    text: str  # all of the part so far, not the increment
    part: str = ""  # which one: what one call of the model says
    whole: bool = False  # the part is over; this has another name than its pieces
    files: tuple[str, ...] = ()  # that it names


@dataclass(frozen=True)
class RunTool(RunEvent):
    call_id: str
    tool: Tool
    hidden: bool = False  # it only leads to the real one


@dataclass(frozen=True)
class RunAsked(RunEvent):
    """It waits for a decision, or has got one."""

    asked: GatewayApproval


@dataclass(frozen=True)
class RunEnded(RunEvent):
    text: str | None  # None: nothing but what was streamed
    aborted: bool
    cut_off: bool = False  # at the model's limit


@dataclass(frozen=True)
class RunFailed(RunEvent):
    message: str


@dataclass(frozen=True)
class Unrelated:
    """Ticks, health, presence and whatever a later version adds."""


Event = Challenge | Response | RunEvent | Unrelated


@dataclass(frozen=True)
class Opened:
    """A connection is there, and its hello is exchanged."""

    boot_id: str  # another one means that OpenClaw was started again and remembers no run


@dataclass(frozen=True)
class Closed:
    """The connection is gone."""


Notice = Opened | Closed | RunEvent
OnAnswer = Callable[[Response | None], None]  # None: the connection is gone, nobody knows whether it had an effect


def session_key(conversation: str) -> str:
    return f"agent:main:{conversation}".lower()


def build_request(request_id: str, method: str, params: Json) -> str:
    return json.dumps({"type": "req", "id": request_id, "method": method, "params": params})


def build_connect(token: str) -> Json:
    return {
        "minProtocol": VERSION,
        "maxProtocol": VERSION,
        "client": {"id": "gateway-client", "version": "1.0.0", "platform": "linux", "mode": "backend"},
        "role": "operator",
        "scopes": (*OPERATOR, SCOPE),
        "caps": ["tool-events", *CAPS],
        "auth": {"token": token},
    }


def build_send(session: str, message_id: str, text: str, attachments: Sequence[Attachment] = ()) -> Json:
    """A turn. Nothing in `text` is a command: a plain "stop" would otherwise be one, and end without a word."""
    params: dict[str, Any] = {
        "sessionKey": session,
        "message": text,
        "idempotencyKey": message_id,
        "suppressCommandInterpretation": True,
    }
    if attachments:
        params["attachments"] = [_build_attachment(attachment) for attachment in attachments]
    return params


def build_abort(session: str, run_id: str | None) -> Json:
    """None: whatever runs in the session, or waits there for its run."""
    return {"sessionKey": session} if run_id is None else {"sessionKey": session, "runId": run_id}


def build_choice(session: str, choice: Choice) -> Json:
    """For the session's next turns; None is what the agent has without a choice."""
    return {"key": session, "model": choice.model, "permissionMode": choice.permission_mode}


def _build_attachment(attachment: Attachment) -> Json:
    return {
        "type": "image" if attachment.mime_type.startswith("image/") else "file",
        "mimeType": attachment.mime_type,
        "fileName": attachment.file_name,
        "content": base64.b64encode(attachment.content).decode(),
    }


def read_frame(frame: str | bytes) -> Event:
    """Raises ValueError for what is not JSON; everything unknown is Unrelated."""
    fields = json.loads(frame)
    if _ESCAPED_HALF.search(frame if isinstance(frame, str) else frame.decode(errors="replace")):
        fields = _mend(fields)
    if not isinstance(fields, dict):
        return Unrelated()
    if fields.get("type") == "res":
        return _read_response(fields)
    payload = fields.get("payload")
    return _read_event(str(fields.get("event")), payload if isinstance(payload, dict) else {})


def _read_event(name: str, payload: Json) -> Event:
    match name:
        case "connect.challenge":
            return Challenge()
        case "chat" if payload:
            return _read_chat(payload)
        case "agent" | "session.tool" if payload:
            return _read_agent(payload)
    return _read_approval(name, payload) if name.endswith(ASKS) else Unrelated()


def _read_response(fields: Json) -> Response:
    request_id = str(fields.get("id"))
    if fields.get("ok"):
        return Response(request_id, fields.get("payload") or {}, None)
    return Response(request_id, {}, _read_refusal(fields.get("error") or {}))


def _read_refusal(error: Json) -> Refusal:
    retryable = bool(error.get("retryable")) or error.get("code") == "UNAVAILABLE"
    wait = float(error.get("retryAfterMs") or 500) / 1000 if retryable else None
    return Refusal(str(error.get("code")), str(error.get("message", "")), wait)


def _read_chat(payload: Json) -> RunEvent:
    run, session = _read_ids(payload)
    match payload.get("state"):
        case "final":
            cut_off = payload.get("stopReason") == "length"
            return RunEnded(run, session, read_text(payload.get("message")), aborted=False, cut_off=cut_off)
        case "aborted":
            return RunEnded(run, session, read_text(payload.get("message")), aborted=True)
        case "error":
            return RunFailed(run, session, str(payload.get("errorMessage", "")))
    return RunEvent(run, session)


def _read_agent(payload: Json) -> RunEvent:
    """Deltas of the `chat` events are not used: of a part that ends with a tool they leave out the last words."""
    run, session = _read_ids(payload)
    fields = payload.get("data") or {}
    match payload.get("stream"):
        case "tool" if tool := read_tool(fields):
            return RunTool(run, session, tool.call, tool, is_hidden(tool.name))
        case "assistant":
            text, part = str(fields.get("text", "")), str(fields.get("itemId", ""))
            return RunText(run, session, text, part, files=tuple(map(str, fields.get("mediaUrls") or ())))
        case "item" if fields.get("kind") == "preamble":
            text, part = str(fields.get("progressText", "")), str(fields.get("itemId", ""))
            return RunText(run, session, text, part, whole=True)
    return RunEvent(run, session)


def _read_approval(name: str, payload: Json) -> Event:
    kind = next((kind for kind in KINDS if name.startswith(f"{kind}.")), None)
    read = read_asked if name.endswith(ASKS[0]) else read_decided
    found = read(kind, payload) if kind else None
    return RunAsked(found.run_id, found.session, found) if found else Unrelated()


def _read_ids(payload: Json) -> tuple[str, str]:
    return str(payload.get("runId", "")), str(payload.get("sessionKey", "")).lower()


def read_text(message: Any) -> str | None:
    """The words in a message of an event or of the transcript; None if there is no message."""
    if not isinstance(message, Mapping):
        return None
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part.get("text", "") for part in parts if part.get("type") == "text")


def _mend(value: Any) -> Any:
    """Every text of a frame: a half that got through would keep a row, a frame or a name from being written."""
    match value:
        case str():
            return _characters(value)
        case dict():
            return {_characters(name): _mend(each) for name, each in value.items()}
        case list():
            return [_mend(each) for each in value]
    return value


def _characters(text: str) -> str:
    """OpenClaw counts in UTF-16: an emoji may come in halves, the second one with the next piece."""
    if not _HALF.search(text):
        return text
    whole = text[:-1] if _FIRST_HALF.match(text[-1]) else text
    return _HALF.sub("\ufffd", whole)
