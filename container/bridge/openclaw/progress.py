"""How far an exchange has come: its phase with its deadline, and what is known of OpenClaw and of the message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import inf

from chalicelib.domain.turn import Failed, StopReason
from container.bridge.openclaw.history import Names
from container.bridge.openclaw.phases import Ask, Phase, Question, Refused, Timeouts
from container.bridge.openclaw.protocol import Json
from container.bridge.openclaw.run import Run


@dataclass(frozen=True)
class Position:
    """A phase with what belongs to it."""

    phase: Phase
    until: float
    pending: Ask | None = None  # the request whose answer the phase waits for
    held: Json | Refused | None = None  # the transcript that is being completed; the refusal that is waited after
    asked_at: float = 0.0  # when the transcript was asked: what it says may be as old as that
    since: float = 0.0  # when something was heard last, or when the answer was there


@dataclass(frozen=True)
class Peer:
    """The OpenClaw at the other end."""

    boot_id: str = ""
    subscribed: bool = False  # this connection gets events of tools that others began
    unserved_since: float | None = None  # it takes requests and does not answer them, or not yet


@dataclass(frozen=True)
class Sends:
    boot_id: str | None = None  # the OpenClaw that got the message last
    times: int = 0  # OpenClaws that got it from this exchange
    chosen: bool = False  # it was told the choice
    began_at: float | None = None  # when a run of it was first seen
    taken: bool = False  # that OpenClaw has said so
    gaps: int = 0  # more may have been said than was heard: how often the transcript may be asked in vain
    lost: int = 0  # connections in a row that went away before the answer


@dataclass(frozen=True)
class Resumption:
    """Why one looks: OpenClaw may have the message, or resume it."""

    since: float | None = None  # when it was first seen without a run


@dataclass(frozen=True)
class Merger:
    """OpenClaw put the message into another run of the session.

    That run may go on for minutes, and between its end and the start of what it had put off no run exists at all.
    """

    since: float | None = None
    quiet_since: float | None = None  # while the session has no run


@dataclass(frozen=True)
class Doubt:
    """OpenClaw had the message before it was sent on this connection: what became of it there, nobody has heard."""


@dataclass(frozen=True)
class Verdict:
    """OpenClaw says that the run is over, and how."""

    summary: str


@dataclass(frozen=True)
class Cut:
    """It was ended before its end, and why."""

    failure: Failed
    stop_reason: StopReason = "broken"


Quest = Resumption | Merger | Doubt | Verdict | Cut


@dataclass
class Progress:
    question: Question
    timeouts: Timeouts
    run: Run
    names: Names
    at: Position = Position(Phase.DISCONNECTED, inf)
    peer: Peer = Peer()
    sends: Sends = Sends()
    quest: Quest = field(default_factory=Resumption)

    @classmethod
    def begin(cls, question: Question, timeouts: Timeouts, now: float) -> Progress:
        progress = cls(question, timeouts, Run(question.id), Names(question.id))
        progress.enter(Phase.DISCONNECTED, now)
        return progress

    def enter(self, phase: Phase, now: float, pending: Ask | None = None, held: Json | Refused | None = None) -> None:
        """From now on the phase has its time, again if it was this one already."""
        if phase is Phase.RUNNING:
            self.quest = Resumption()
            if self.sends.began_at is None:
                self.sends = replace(self.sends, began_at=now)
        self.at = Position(phase, inf, pending, held, since=now)
        self.at = replace(self.at, until=now + SECONDS[phase](self, now))

    @property
    def phase(self) -> Phase:
        return self.at.phase

    @property
    def is_hurried(self) -> bool:
        """The person has had enough: nothing more is waited for."""
        return self.at.since == -inf

    def note_unserved(self, since: float) -> float:
        """Seconds on the clock of `now`: since when it is so."""
        known = self.peer.unserved_since
        self.peer = replace(self.peer, unserved_since=since if known is None else known)
        return since if known is None else known

    def note_served(self) -> None:
        self.peer = replace(self.peer, unserved_since=None)

    @property
    def unserved(self) -> bool:
        return self.peer.unserved_since is not None

    def is_spent(self, now: float) -> bool:
        """Has the turn had its time?"""
        return now >= self.ends_at

    @property
    def ends_at(self) -> float:
        began_at = self.sends.began_at
        return inf if began_at is None else began_at + self.timeouts.limits.seconds

    @property
    def may_be_there(self) -> bool:
        """Was the message sent already, by this process or an earlier one? The only place that decides it."""
        return self.sends.times > 0 or not self.question.fresh


def _poll(progress: Progress, now: float) -> float:
    """Longer the longer it has lasted."""
    since = progress.quest.since if isinstance(progress.quest, Resumption | Merger) else None
    return max(progress.timeouts.poll, (now - (now if since is None else since)) / 10)


def _run(progress: Progress, now: float) -> float:
    return max(0.0, min(progress.timeouts.quiet, progress.ends_at - now))


def _refused(progress: Progress, now: float) -> float:
    held = progress.at.held
    return (held.refusal.retry_after or 0.0) if isinstance(held, Refused) else 0.0


SECONDS: Mapping[Phase, Callable[[Progress, float], float]] = {
    Phase.DISCONNECTED: lambda progress, now: progress.timeouts.unavailable,
    Phase.CHOOSING: lambda progress, now: progress.timeouts.answer,
    Phase.LOOKING: lambda progress, now: progress.timeouts.answer,
    Phase.COMPLETING: lambda progress, now: progress.timeouts.answer,
    Phase.CLEARING: lambda progress, now: progress.timeouts.aside,
    Phase.SENDING: lambda progress, now: progress.timeouts.answer,
    Phase.RUNNING: _run,
    Phase.CHECKING: lambda progress, now: progress.timeouts.alive,
    Phase.REFUSED: _refused,
    Phase.RESUMING: _poll,
    Phase.MERGED: _poll,
    Phase.STOPPING: lambda progress, now: progress.timeouts.cancel,
    Phase.COUNTING: lambda progress, now: progress.timeouts.answer if progress.run.files else progress.timeouts.aside,
    Phase.SETTLING: lambda progress, now: progress.timeouts.poll,
    Phase.OVER: lambda progress, now: inf,
}
