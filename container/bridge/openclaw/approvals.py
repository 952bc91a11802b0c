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
MOST_COMMAND = 3000  # characters of what is shown; of a longer one it says how many it leaves out
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


def read_asked(kind: Kind, payload: Json) -> GatewayApproval | None:
    """Of an event `….approval.requested`, and an entry of `….approval.list`; None for what belongs to no run."""
    request, name = payload.get("request"), payload.get("id")
    if not isinstance(request, Mapping) or not isinstance(name, str):
        return None
    expires = payload.get("expiresAtMs")
    approval = Approval(
        id=str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
        command=_cut(_describe(kind, request)),
        cwd=str(request["cwd"]) if request.get("cwd") else None,
        expires_at=datetime.fromtimestamp(expires / 1000, UTC) if isinstance(expires, int | float) else None,
    )
    run, session = str(request.get("runId") or ""), str(request.get("sessionKey") or "").lower()
    return GatewayApproval(kind, name, run, session, approval)


def read_decided(kind: Kind, payload: Json) -> GatewayApproval | None:
    """Of an event `….approval.resolved`: without a decision its time is over."""
    if asked := read_asked(kind, payload):
        state: ApprovalState = STATES.get(str(payload.get("decision")), "expired")
        return replace(asked, approval=replace(asked.approval, state=state))
    return None


def build_decision(asked: GatewayApproval, decision: Decision) -> Json:
    return {"id": asked.name, "kind": asked.kind, "decision": "allow-once" if decision == "allow" else "deny"}


def _describe(kind: Kind, request: Json) -> str:
    if kind == "exec":
        return str(request.get("command") or "")
    words = (request.get(key) for key in ("title", "description", "detail"))
    return "\n".join(str(each) for each in words if each)


def _cut(text: str) -> str:
    if len(text) <= MOST_COMMAND:
        return text
    more = f"… (+{len(text) - MOST_COMMAND:,})"
    return text[: MOST_COMMAND - len(more)] + more


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
