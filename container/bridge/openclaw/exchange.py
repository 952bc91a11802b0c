"""One message's exchange with OpenClaw as a table: never two answers, never none, and nothing is sent after Stop.

Pure: inputs in, outputs out. The driver (driver.py) does what the outputs say and brings the answers back as inputs.
docs/architecture.md draws the table, a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from container.bridge.openclaw import endings, findings, moves
from container.bridge.openclaw.history import list_omitted
from container.bridge.openclaw.phases import (
    INPUTS,
    Cancelled,
    Deadline,
    Input,
    Lost,
    Output,
    Phase,
    Question,
    Refused,
    Replied,
    Timeouts,
)
from container.bridge.openclaw.progress import Progress
from container.bridge.openclaw.protocol import Closed, Opened, RunEvent

Handler = Callable[[Progress, Any, float], list[Output]]
Row = Mapping[type[Input], "Cell"]


class Cell(NamedTuple):
    handle: Handler
    leads: frozenset[Phase]  # besides the phase itself


def to(handle: Handler, *phases: Phase) -> Cell:
    return Cell(handle, frozenset(phases))


IGNORE = to(moves.ignore)
LEAVE = to(moves.leave, Phase.DISCONNECTED)
DROP = to(moves.drop, Phase.DISCONNECTED, Phase.CHECKING)
REFUSE = to(moves.refuse, Phase.REFUSED, Phase.OVER)
CLEARED = to(moves.cleared, Phase.SENDING, Phase.OVER)
STOPPED = to(endings.stopped, Phase.OVER)
UNCOUNTED = to(endings.uncounted, Phase.OVER)
UNREAD = to(endings.uncounted, Phase.DISCONNECTED, Phase.OVER)
ENDS = (Phase.LOOKING, Phase.SENDING, Phase.COUNTING, Phase.OVER)  # where the end of a run may lead
FOLLOW = to(moves.follow, *ENDS)
HEAR = to(moves.hear, *ENDS, Phase.RUNNING, Phase.STOPPING)
ALIVE = to(moves.alive, Phase.RUNNING, Phase.DISCONNECTED, Phase.OVER)
SETTLED = (*ENDS, Phase.RUNNING, Phase.RESUMING, Phase.MERGED)  # where a transcript may lead

AWAY: Row = {Opened: IGNORE, Replied: IGNORE, Refused: IGNORE, Lost: IGNORE}  # there is nobody to talk to, or no need
HERE: Row = {  # while a message is talked about
    Opened: IGNORE,
    Closed: LEAVE,
    RunEvent: FOLLOW,
    Replied: IGNORE,
    Refused: IGNORE,
    Lost: LEAVE,
    Cancelled: to(endings.stop, Phase.STOPPING),
}
TABLE: Mapping[Phase, Row] = {
    Phase.DISCONNECTED: {
        **AWAY,
        Opened: to(moves.meet, Phase.CHOOSING, Phase.LOOKING, Phase.SENDING, Phase.COUNTING),
        Closed: IGNORE,
        RunEvent: IGNORE,
        Cancelled: to(endings.stop_apart, Phase.OVER),
        Deadline: to(moves.give_up, Phase.OVER),
    },
    Phase.CHOOSING: {
        **HERE,
        RunEvent: to(moves.follow, Phase.LOOKING, Phase.COUNTING, Phase.OVER),
        Replied: to(moves.chosen, Phase.LOOKING, Phase.SENDING),
        Refused: REFUSE,
        Deadline: DROP,
    },
    Phase.LOOKING: {
        **HERE,
        Replied: to(findings.read, *SETTLED, Phase.COMPLETING, Phase.CLEARING),
        Refused: REFUSE,
        Deadline: DROP,
    },
    Phase.COMPLETING: {
        **HERE,
        Replied: to(findings.fill, *SETTLED),
        Refused: to(findings.skip, *SETTLED, Phase.REFUSED),
        Deadline: DROP,
    },
    Phase.CLEARING: {**HERE, Replied: CLEARED, Refused: CLEARED, Deadline: CLEARED},
    Phase.SENDING: {
        **HERE,
        Replied: to(moves.sent, Phase.RUNNING, Phase.LOOKING, Phase.OVER),
        Refused: REFUSE,
        Lost: to(moves.lose, Phase.DISCONNECTED, Phase.OVER),
        Deadline: DROP,
    },
    Phase.RUNNING: {
        **HERE,
        RunEvent: HEAR,
        Lost: IGNORE,
        Deadline: to(moves.wonder, Phase.CHECKING, Phase.STOPPING),
    },
    Phase.CHECKING: {
        **HERE,
        RunEvent: HEAR,
        Replied: ALIVE,
        Refused: ALIVE,
        Deadline: to(moves.hang, Phase.OVER),
    },
    Phase.REFUSED: {
        **HERE,
        Lost: IGNORE,
        Deadline: to(moves.again, Phase.CHOOSING, Phase.LOOKING, Phase.SENDING),
    },
    Phase.RESUMING: {
        **HERE,
        RunEvent: to(moves.resume, *ENDS, Phase.RUNNING),
        Lost: IGNORE,
        Deadline: to(moves.look, Phase.LOOKING),
    },
    Phase.MERGED: {**HERE, Lost: IGNORE, Deadline: to(moves.look, Phase.LOOKING)},
    Phase.STOPPING: {
        **AWAY,
        Closed: STOPPED,
        RunEvent: to(endings.confirm, Phase.COUNTING, Phase.OVER),
        Replied: to(endings.insist),
        Cancelled: to(endings.hurry),
        Deadline: STOPPED,
    },
    Phase.COUNTING: {
        Opened: IGNORE,
        Closed: UNREAD,
        RunEvent: IGNORE,
        Replied: to(findings.counted, Phase.SETTLING, Phase.COMPLETING, Phase.OVER),
        Refused: to(endings.uncounted, Phase.SETTLING, Phase.OVER),
        Lost: UNREAD,
        Cancelled: to(endings.hurry),
        Deadline: UNCOUNTED,
    },
    Phase.SETTLING: {
        **AWAY,
        Closed: UNREAD,
        RunEvent: IGNORE,
        Cancelled: UNCOUNTED,
        Deadline: to(endings.recount, Phase.COUNTING),
    },
    Phase.OVER: dict.fromkeys(INPUTS, IGNORE),
}


def kind_of(notice: Input) -> type[Input]:
    return next(kind for kind in INPUTS if isinstance(notice, kind))


def _serves(progress: Progress, notice: Input) -> bool:
    """Does it tell that OpenClaw does what it is asked, and not only that it lives?"""
    match notice:
        case Replied(ask, payload):
            # A transcript without one of our rows is half an answer: the row is asked for, and that must be answered.
            return ask.method != "health" and not list_omitted(payload, progress.question.id)
        case Refused(ask, refusal):
            return ask.method != "health" and refusal.retry_after is None
        case RunEvent(run_id):
            return run_id in progress.run.run_ids
    return False


class Exchange:
    def __init__(self, question: Question, timeouts: Timeouts, now: float) -> None:
        self._progress = Progress.begin(question, timeouts, now)

    @property
    def phase(self) -> Phase:
        return self._progress.phase

    @property
    def over(self) -> bool:
        return self.phase is Phase.OVER

    @property
    def deadline(self) -> float:
        """When the present phase wants a `Deadline`, on the clock of the `now` that it is given."""
        return self._progress.at.until

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs of OpenClaw that are about the message, as far as is known."""
        return tuple(self._progress.run.run_ids)

    def step(self, notice: Input, now: float) -> list[Output]:
        """The answer to a request that nobody waits for any more is no news in any phase."""
        if isinstance(notice, Replied | Refused | Lost) and notice.ask is not self._progress.at.pending:
            return []
        if _serves(self._progress, notice):
            self._progress.note_served()
        return TABLE[self.phase][kind_of(notice)].handle(self._progress, notice, now)
