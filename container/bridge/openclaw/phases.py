"""What an exchange with OpenClaw is made of: its phases, what comes in, what goes out. Values only.

An exchange is everything that is said to OpenClaw about one message, until its outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from chalicelib.domain.turn import Attachment, Choice, Failed, Finished, TurnEvent
from container.bridge.openclaw.protocol import Closed, Json, Opened, Refusal, RunEvent


class Phase(Enum):
    DISCONNECTED = "Disconnected"  # no socket; what is sent now would be lost
    CHOOSING = "Choosing"  # what was chosen for the conversation is told
    LOOKING = "Looking"  # the transcript is asked what became of the message
    COMPLETING = "Completing"  # a row is asked for that the transcript left out because of its size
    CLEARING = "Clearing"  # runs of a message that was given up are ended before this one is sent
    SENDING = "Sending"
    RUNNING = "Running"  # a run of it exists and tells what it does
    CHECKING = "Checking"  # nothing is heard of the run: is OpenClaw alive?
    REFUSED = "Refused"  # OpenClaw takes no requests yet
    RESUMING = "Resuming"  # OpenClaw may resume the turn by itself
    MERGED = "Merged"  # the answer comes with another run of the session
    STOPPING = "Stopping"  # the abort was asked for; its confirmation has a moment
    COUNTING = "Counting"  # the answer is there; the transcript is asked for all of it and what it cost
    SETTLING = "Settling"  # files that were handed over come into the transcript a moment later
    OVER = "Over"


@dataclass(frozen=True)
class TurnLimits:
    """What one turn may use; then it is ended, and what it has said stays."""

    calls: int = 200  # of tools
    seconds: float = 3600.0


@dataclass(frozen=True)
class Timeouts:
    """Seconds."""

    quiet: float = 30.0  # without an event of the turn: then OpenClaw is asked whether it is alive
    alive: float = 60.0  # to that question: it is dead if it does not answer
    unavailable: float = 120.0  # no connection
    start: float = 240.0  # no connection, to an OpenClaw that is being started
    resume: float = 900.0  # for an OpenClaw that means to resume the turn: it resumes one after the other
    decide: float = 1.0  # for an OpenClaw that was started again to say that it does
    merged: float = 10.0  # for the next run of a session that has none, where a message waits for it
    poll: float = 0.25  # meanwhile
    cancel: float = 0.25  # from the abort to its confirmation
    answer: float = 30.0  # to a request
    aside: float = 5.0  # to a request whose answer one can do without
    settle: float = 15.0  # for files that were handed over
    limits: TurnLimits = field(default_factory=TurnLimits)


@dataclass(frozen=True)
class Question:
    """The message an exchange is about."""

    session: str  # the session key
    id: str
    text: str
    attachments: Sequence[Attachment] = ()
    fresh: bool = False  # nobody ever sent it
    given_up: tuple[str, ...] = ()  # runs of the session that OpenClaw may go on with though nobody wants them
    choice: Choice | None = None  # to be told first


@dataclass(frozen=True, eq=False)
class Ask:
    """A request. Its answer comes back as an input that names it; a request is equal to itself only."""

    method: str
    params: Json


@dataclass(frozen=True)
class Replied:
    ask: Ask
    payload: Json


@dataclass(frozen=True)
class Refused:
    ask: Ask
    refusal: Refusal


@dataclass(frozen=True)
class Lost:
    """The connection went away before the answer: nobody knows whether the request had an effect."""

    ask: Ask


@dataclass(frozen=True)
class Cancelled:
    """The person wants no more of it."""


@dataclass(frozen=True)
class Deadline:
    """The time of the phase is over."""

    starting: bool = False  # OpenClaw is on its way, as its supervisor says


Input = Opened | Closed | RunEvent | Replied | Refused | Lost | Cancelled | Deadline
INPUTS: tuple[type[Input], ...] = (Opened, Closed, RunEvent, Replied, Refused, Lost, Cancelled, Deadline)


@dataclass(frozen=True)
class DropConnection:
    """This socket is given up, another one is opened."""


@dataclass(frozen=True)
class RestartOpenClaw:
    """It gives no sign of life."""


@dataclass(frozen=True)
class Show:
    event: TurnEvent


@dataclass(frozen=True)
class End:
    outcome: Finished | Failed


Output = Ask | DropConnection | RestartOpenClaw | Show | End
