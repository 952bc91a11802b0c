"""What the simulated OpenClaw keeps of its turns, and how its gateway tells it: the shapes are the real one's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from container.bridge.openclaw.history import RESUMED_BY

LONG = 20_000  # characters of a row that the transcript leaves out
PREFIX = "agent:main:"


@dataclass
class Run:
    """One run of a message, and what it came to."""

    id: str  # the id it was sent under
    session: str  # the session key
    question: str
    attempt: int
    boot: int
    parts: list[str] = field(default_factory=list)  # that ended with a tool, also of attempts that died
    part: str = ""  # that is being said
    left: list[str] = field(default_factory=list)  # whole answers of attempts that died before their end was noted
    files: list[str] = field(default_factory=list)  # that it hands over, by name
    state: str = "running"  # running, waiting, done, cancelled, failed
    resumed: list[str] = field(default_factory=list)  # the runs by which OpenClaw went on with it

    def begin(self, boot: int) -> None:
        """One more attempt; what an earlier one had finished stays."""
        self.boot, self.part, self.state = boot, "", "running"

    def close_part(self) -> None:
        self.parts.append(self.part)
        self.part = ""

    @property
    def text(self) -> str:
        return "\n\n".join(part.strip() for part in (*self.parts, self.part) if part.strip())

    @property
    def message_id(self) -> str:
        return self.id.partition("~")[0]

    @property
    def talk(self) -> str:
        return self.session.removeprefix(PREFIX)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.id, *self.resumed)


def rows_of(run: Run, merged: str | None = None) -> Iterator[dict[str, Any]]:
    """`merged`: the run that answers it besides others, which has no row of its own."""
    yield {"role": "user", "content": run.question, "idempotencyKey": f"{run.id}:user"}
    for number, part in enumerate(run.parts):
        call = f"{run.names[-1]} call {number}"
        yield {"role": "assistant", "content": part}
        tool = {"type": "toolCall", "id": call, "name": "exec", "arguments": {}}
        yield {"role": "assistant", "content": [tool], "stopReason": "toolUse"}
        yield {"role": "toolResult", "toolCallId": call, "toolName": "exec", "content": []}
    yield from ({"role": "assistant", "content": text, "stopReason": "stop"} for text in run.left)
    for name in run.resumed:
        if name != merged:
            row = {"role": "user", "content": "[System] Your previous turn was interrupted"}
            yield {**row, "idempotencyKey": f"{name}:user", "provenance": {"sourceTool": RESUMED_BY}}
    if run.state == "failed":
        yield {"role": "assistant", "content": run.part, "stopReason": "error", "errorMessage": FAILED}
    elif run.state in ("done", "cancelled"):
        yield _answer(run)


FAILED = "demo/demo-1 request failed (overloaded, HTTP 529)"


def _answer(run: Run) -> dict[str, Any]:
    usage = {"input": 10, "output": 5, "cost": {"total": 0.001}}
    facts: dict[str, Any] = {"id": f"row-{run.id}-{run.attempt}"}
    row: dict[str, Any] = {"role": "assistant", "content": run.part, "stopReason": "stop", "usage": usage}
    if len(run.part) > LONG:
        row["content"], facts["reason"] = "[left out]", "oversized"
    elif run.files:
        files = [{"type": "image", "artifactId": path, "alt": "a.png", "mimeType": "image/png"} for path in run.files]
        row["content"] = [{"type": "text", "text": run.part}, *files]
    if run.state == "cancelled":
        row["openclawAbort"] = {"aborted": True}
    return {**row, "__openclaw": facts}


def find_row(runs: Iterable[Run], row_id: str) -> dict[str, Any]:
    """In full."""
    for run in runs:
        if row_id == f"row-{run.id}-{run.attempt}":
            return {**_answer(run), "content": run.part}
    return {}


def history(
    runs: Sequence[Run], merged: dict[str, str], busy: list[str], active: Run | None, expected: Run | None
) -> dict[str, Any]:
    """The answer to `chat.history`, of the runs of one session."""
    session: dict[str, Any] = {"activeRunIds": busy, "abortedLastRun": False, "status": "done"}
    told: dict[str, Any] = {"sessionInfo": session, "pendingInputs": {"items": []}}
    told["messages"] = [row for run in runs for row in rows_of(run, merged.get(run.id))]
    if expected:
        session.update(abortedLastRun=True, status="running")
    if active:
        session["status"] = "running"
        told["inFlightRun"] = {"runId": active.names[-1], "text": active.text[:-3]}  # not all of it
    return told


def standing(run: Run) -> dict[str, Any]:
    """The answer to whoever sends its message again."""
    if run.state in ("running", "waiting"):
        return {"runId": run.id, "status": "in_flight"}
    return {"status": "timeout", "summary": "aborted"} if run.state == "cancelled" else {"status": "ok"}
