"""What OpenClaw's transcript says about one message: how a new bridge, or a new OpenClaw, picks up a turn.

Its rows carry ids: the user's row has idempotencyKey "<message id>:user". When OpenClaw starts again it resumes
an interrupted turn by itself; the row that does so has the provenance below, and the key names the new run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.turn import Handed, Usage
from container.bridge.openclaw.protocol import Json, RunTool
from container.bridge.openclaw.rows import is_own, list_files, list_tools, read_error, say, sum_usage

RESUMED_BY = "main_session_restart_recovery"
MAX_CHARS = 500_000  # the most it gives; its default cuts a text after 8,000
MAX_ROWS = 1000
ROWS = 20  # of a turn without tools, generously
ROWS_PER_TOOL = 5
SUFFIX = ":user"
NEXT: Json = {"role": "user"}  # the row by which an attempt begins that has not begun yet
AGAIN = "~"  # between a message's id and a number: the names of further runs of it
MOST_NAMES = 2  # runs under further names, after the ones before came to nothing
ALIVE = "queued"  # an input that waits for its run, which exists; any other state is that of one that has none


@dataclass(frozen=True)
class Unknown:
    """OpenClaw does not have the message."""

    resumed: tuple[str, ...] = ()  # active runs that resume an earlier message, one that was given up


@dataclass(frozen=True)
class Underway:
    run_ids: tuple[str, ...] = ()  # besides the message's own: those that OpenClaw resumed it with
    active: bool = False  # a run of it exists at this moment
    said: str = ""  # what its rows have of the answer
    text: str | None = None  # the answer so far, if told; of several parts not all of it
    expected: bool = False  # OpenClaw means to resume it, in its own time


@dataclass(frozen=True)
class Answered:
    text: str
    cancelled: bool
    usage: Usage | None
    cut_off: bool = False  # at the model's limit
    handed: tuple[Handed, ...] = ()


@dataclass(frozen=True)
class Broken:
    message: str
    text: str = ""  # that was said before
    spoke: bool = False  # the run that failed had begun to speak


Standing = Unknown | Underway | Answered | Broken


def build_history(session: str, rows: int = 200, chars: int = MAX_CHARS) -> Json:
    return {"sessionKey": session, "limit": min(rows, MAX_ROWS), "maxChars": chars}


def build_turn(session: str, tool_calls: int) -> Json:
    """The rows of the last turn, and a few more."""
    return build_history(session, ROWS + ROWS_PER_TOOL * tool_calls)


def build_row(session: str, row_id: str) -> Json:
    return {"sessionKey": session, "messageId": row_id, "maxChars": MAX_CHARS}


def find_turn(history: Json, message_id: str) -> Standing:
    rows = _find_rows(history.get("messages") or [], message_id)
    inputs = _list(history.get("pendingInputs"), "items")
    waiting = [item for item in inputs if _is_alive(item)]
    pending = tuple(str(item.get("runId")) for item in waiting if is_resumption(item.get("message") or {}))
    own = tuple(run for item in waiting if is_run_of(run := str(item.get("runId")), message_id))
    if not rows and not own:
        return Unknown((*_find_leftovers(history), *pending))
    return _read_standing(history, rows, (message_id, *own), pending)


def name_run(message_id: str, used: int) -> str:
    """The id for one more run of a message, after so many that OpenClaw will not begin again."""
    return f"{message_id}{AGAIN}{used + 1}" if used else message_id


def count_runs(history: Json, message_id: str) -> int:
    """The message's runs that OpenClaw knows of, also those it lost before they began."""
    inputs = [str(item.get("runId")) for item in _list(history.get("pendingInputs"), "items")]
    rows = [_read_run(row) for row in history.get("messages") or []]
    return len({run for run in (*inputs, *rows) if is_run_of(run, message_id)})


def is_run_of(run_id: str, message_id: str) -> bool:
    return run_id == message_id or run_id.startswith(message_id + AGAIN)


def is_busy(history: Json) -> bool:
    """Does any run of the session exist?"""
    return bool(_list(history.get("sessionInfo"), "activeRunIds") or history.get("inFlightRun"))


def list_active(history: Json) -> tuple[str, ...]:
    """Runs of the session that exist, or that wait for it."""
    flying = (history.get("inFlightRun") or {}).get("runId")
    waiting = [str(item.get("runId")) for item in _list(history.get("pendingInputs"), "items") if _is_alive(item)]
    active = _list(history.get("sessionInfo"), "activeRunIds")
    return tuple(dict.fromkeys(str(run) for run in (*active, *([flying] if flying else []), *waiting)))


class Names:
    """The names of a message's runs: OpenClaw answers a name that comes again with what became of it, for ever."""

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id
        self._known = 0  # runs of the message that OpenClaw had from before
        self._anew = 0
        self.current = message_id

    @property
    def has_past(self) -> bool:
        return self._known > 0

    def learn(self, history: Json) -> None:
        self._known = max(self._known, count_runs(history, self._message_id))

    def choose(self) -> str:
        """One that OpenClaw has not lost yet."""
        self.current = name_run(self._message_id, max(self._known, self._anew))
        return self.current

    def renew(self) -> bool:
        """The run under the present name came to nothing; False when that was the last try."""
        self._anew += 1
        return self._anew <= MOST_NAMES


def _find_leftovers(history: Json) -> tuple[str, ...]:
    resumed = {_read_run(row) for row in history.get("messages") or [] if is_resumption(row)}
    return tuple(run for run in _list(history.get("sessionInfo"), "activeRunIds") if run in resumed)


def _read_standing(history: Json, rows: list[Json], own: tuple[str, ...], pending: tuple[str, ...]) -> Standing:
    told = (*own, *(_read_run(row) for row in rows if row.get("role") == "user"), *pending)
    resumed = tuple(dict.fromkeys(run for run in told if run != own[0]))
    flying, said = history.get("inFlightRun") or {}, say(rows)
    if flying.get("runId") in told:
        return Underway(resumed, active=True, said=said, text=str(flying.get("text") or ""))
    session = history.get("sessionInfo") or {}
    if pending:
        return Underway(resumed, active=True, said=say([*rows, NEXT]))
    if _is_active(session, set(told)):
        return Underway(resumed, active=True, said=said)
    if session.get("abortedLastRun") and session.get("status") == "running":  # after an abort it is "killed"
        # One run at a time in a session: what is active here is the run that will resume this turn.
        return Underway((*resumed, *_list(session, "activeRunIds")), said=say([*rows, NEXT]), expected=True)
    last = session if session.get("lastRunId") in (None, *told) else {}  # what it says of the last run is of ours
    return _read_end(rows, last) or _read_failure(last, said) or Underway(resumed, said=said)


def _read_failure(session: Json, said: str) -> Broken | None:
    """Of a run that failed without a row that says so: one that was ended in a loop of tools."""
    failed = session.get("status") == "failed" and session.get("lastRunId")
    return Broken(str(session.get("lastRunError") or ""), said) if failed else None


def list_calls(history: Json, message_id: str, session: str) -> list[RunTool]:
    """The tools of the turn, as if they were told now."""
    return list_tools(_find_rows(history.get("messages") or [], message_id), message_id, session)


def count_usage(history: Json, message_id: str) -> Usage | None:
    return sum_usage(_find_rows(history.get("messages") or [], message_id))


def list_omitted(history: Json, message_id: str) -> list[str]:
    """Ids of the turn's rows that are left out since they are longer than 128 KiB; `chat.message.get` has them."""
    facts = [row.get("__openclaw") or {} for row in _find_rows(history.get("messages") or [], message_id)]
    return [str(fact["id"]) for fact in facts if fact.get("reason") == "oversized" and fact.get("id")]


def fill_in(history: Json, row_id: str, whole: Json | None) -> Json:
    """With a row in full; None where it cannot be had: it is then no longer listed as left out."""
    rows = history.get("messages") or []
    return {**history, "messages": [_replace(row, whole) if _read_id(row) == row_id else row for row in rows]}


def _replace(row: Json, whole: Json | None) -> Json:
    facts = {name: value for name, value in row["__openclaw"].items() if name != "reason"}
    return {**row, **(whole or {}), "__openclaw": facts}


def _read_id(row: Json) -> Any:
    return (row.get("__openclaw") or {}).get("id")


def is_resumption(row: Json) -> bool:
    return (row.get("provenance") or {}).get("sourceTool") == RESUMED_BY


def _is_alive(item: Json) -> bool:
    return bool(item.get("state", ALIVE) == ALIVE)


def _find_rows(rows: Sequence[Json], message_id: str) -> list[Json]:
    """The user's row and all up to the next message of a person; empty if it is not there.

    The last one of several: a message whose answer was cut off is sent again, and its first row stays.
    """
    starts = [at for at, row in enumerate(rows) if is_run_of(_read_run(row), message_id)]
    if not starts:
        return []
    start = starts[-1]
    end = start + 1
    while end < len(rows) and (rows[end].get("role") != "user" or is_resumption(rows[end])):
        end += 1
    return list(rows[start:end])


def _is_active(session: Json, runs: set[str]) -> bool:
    active = session.get("activeRunIds")
    return any(run in runs for run in active) if isinstance(active, list) else False


def _read_end(rows: Sequence[Json], session: Json) -> Answered | Broken | None:
    """How the last attempt ended; None if its last row is a tool call, a tool's result or no answer at all."""
    ours = [row for row in rows if row.get("role") != "assistant" or is_own(row)]
    last, text = (ours[-1] if ours else {}), say(rows)
    if last.get("role") != "assistant" or last.get("stopReason") in (None, "toolUse"):
        return None
    if last.get("stopReason") == "error":
        message, half = read_error(last)
        return Broken(message or str(session.get("lastRunError") or ""), text, spoke=bool(half))
    cut_off, cancelled = last.get("stopReason") == "length", bool(last.get("openclawAbort"))
    return Answered(text, cancelled, sum_usage(rows), cut_off, list_files(rows))


def _read_run(row: Json) -> str:
    return str(row.get("idempotencyKey", "")).removesuffix(SUFFIX)


def _list(fields: Any, name: str) -> list[Any]:
    found = fields.get(name) if isinstance(fields, Mapping) else None
    return found if isinstance(found, list) else []
