"""What OpenClaw asks before it acts, and how it is answered. Values only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from chalicelib.domain.turn import Approval, ApprovalState, Decision

Json = Mapping[str, Any]
Kind = Literal["exec", "plugin"]
KINDS: tuple[Kind, ...] = ("exec", "plugin")
CAPS = ("approvals", "exec-approvals", "plugin-approvals")  # without a socket that has them, what is asked is denied
SCOPE = "operator.approvals"
MOST_COMMAND = 3000  # UTF-16 units, as a chat counts; what cannot be shown whole is denied
SEPARATORS = 2  # in the key of a conversation's session: agent:main:<conversation>
STATES: Mapping[str, ApprovalState] = {
    "allow-once": "allowed",
    "allow-always": "allowed",
    "deny": "denied",
}


@dataclass(frozen=True)
class GatewayApproval:
    """An approval under OpenClaw's name for it."""

    kind: Kind
    name: str
    run_id: str
    session: str
    approval: Approval
    whole: bool = True  # all that would run is shown

    @property
    def of_a_job(self) -> bool:
        """Asked in a job of the agent's own, or by a helper that it started: there nobody sees the question."""
        return self.session.count(":") > SEPARATORS


def read_asked(kind: Kind, payload: Json) -> GatewayApproval | None:
    """Of an event `….approval.requested`, and an entry of `….approval.list`; None for what belongs to no run."""
    request, name = payload.get("request"), payload.get("id")
    if not isinstance(request, Mapping) or not isinstance(name, str):
        return None
    expires, text = payload.get("expiresAtMs"), _describe(kind, request)
    shown = _cut(text)
    approval = Approval(
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
        command=shown,
        cwd=str(request["cwd"]) if request.get("cwd") else None,
        expires_at=datetime.fromtimestamp(expires / 1000, UTC) if isinstance(expires, int | float) else None,
    )
    run, session = str(request.get("runId") or ""), str(request.get("sessionKey") or "").lower()
    return GatewayApproval(kind, name, run, session, approval, whole=shown == text)


def read_decided(kind: Kind, payload: Json) -> GatewayApproval | None:
    """Of an event `….approval.resolved`: without a decision its time is over."""
    asked = read_asked(kind, payload)
    return _decided(asked, payload) if asked else None


def read_answer(asked: GatewayApproval, answer: Json) -> GatewayApproval:
    """What OpenClaw says to a decision: which one it has heard, this or an earlier one."""
    known = answer.get("approval")
    return _decided(asked, known if isinstance(known, Mapping) else {})


def _decided(asked: GatewayApproval, fields: Json) -> GatewayApproval:
    state: ApprovalState = STATES.get(str(fields.get("decision")), "expired")
    return replace(asked, approval=replace(asked.approval, state=state))


def build_decision(asked: GatewayApproval, decision: Decision) -> Json:
    return {"id": asked.name, "kind": asked.kind, "decision": "allow-once" if decision == "allow" else "deny"}


def _describe(kind: Kind, request: Json) -> str:
    if kind == "exec":
        names = request.get("envKeys")
        notes = (request.get("warningText"), f"environment: {', '.join(map(str, names))}" if names else None)
        return "\n".join((str(request.get("command") or ""), *(f"# {note}" for note in notes if note)))
    words = (request.get(key) for key in ("title", "description", "detail"))
    return "\n".join(str(each) for each in words if each)


def _cut(text: str) -> str:
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    return text if units <= MOST_COMMAND else f"{text[: MOST_COMMAND // 2]}…"


class OpenApprovals:
    """By our id; noted by the connection's thread, looked up by the scheduler's."""

    def __init__(self) -> None:
        self._asked: dict[str, GatewayApproval] = {}

    def note(self, asked: GatewayApproval) -> None:
        if asked.approval.state == "open":
            self._asked[asked.approval.id] = asked
        else:
            self._asked.pop(asked.approval.id, None)

    def get(self, approval_id: str) -> GatewayApproval | None:
        return self._asked.get(approval_id)
