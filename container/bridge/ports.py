"""What the parts of the bridge need of each other and of OpenClaw, its supervisor and threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.agent import Agent
from chalicelib.domain.conversation import Entry
from chalicelib.domain.inbox import Delivery, Message
from chalicelib.domain.own_work import NOTHING, OwnWork
from chalicelib.domain.turn import Approval, Attachment, Choice, Decision, Failed, TurnEvent


@dataclass(frozen=True)
class Owner:
    """Whose agent this bridge serves, and the epoch in which it may."""

    user_id: str
    epoch: int


ShowStatus = Callable[[Agent], None]  # to the open pages and the channels; raises nothing


class FileLost(Exception):
    """A file that the agent has handed over cannot be had."""


class FileTooLarge(FileLost):
    """It has more bytes than one may have."""


class FilesMissing(Exception):
    """The files of a message cannot be had; `failure` is for the person."""

    def __init__(self, failure: Failed) -> None:
        super().__init__(failure.text)
        self.failure = failure


@dataclass(frozen=True)
class Suspension:
    """OpenClaw's answer to who would stop it: it begins nothing new, by this id, or it is busy."""

    id: str | None
    work: OwnWork = NOTHING  # NOTHING, and no id: with what ends in a moment


class Channel(Protocol):
    """A way to the person besides the open pages, which see every turn anyway.

    Nothing but `attachments` and `close` waits for the network.
    """

    def begin(self, message: Message) -> None:
        """Its turn begins here."""

    def show(self, message: Message, text: str) -> None:
        """The answer so far."""

    def ask(self, message: Message, approval: Approval) -> None:
        """The agent waits for the person's decision."""

    def drop(self, message: Message) -> None:
        """The turn ends without an answer: somebody else will give it."""

    def deliver(self, delivery: Delivery, answer: Entry, done: Callable[[], object]) -> None:
        """Brings the committed answer, and calls `done` when it is there."""

    def status(self, agent: Agent) -> None:
        """The agent has come to another step of its start."""

    def attachments(self, message: Message) -> Sequence[Attachment]:
        """Fetches the files that came with the message. Raises FilesMissing."""

    def close(self, timeout: float) -> None:
        """What is on its way has so many seconds."""


class Gateway(Protocol):
    """OpenClaw."""

    def run(
        self,
        session: str,
        message_id: str,
        text: str,
        attachments: Sequence[Attachment] = (),
        *,
        fresh: bool = False,
        choice: Choice | None = None,
    ) -> Iterator[TurnEvent]:
        """Has the message answered, once however often it is asked; ends with one Finished or Failed.

        `fresh`: nobody ever asked before, so its transcript need not be read. `choice`: model and
        mode of the conversation's next turns; yielded when OpenClaw has taken it.
        """

    def abort(self, session: str, message_id: str) -> None:
        """Ends a running turn; its `run` yields Finished with what there is, "cancelled"."""

    def decide(self, approval_id: str, decision: Decision) -> None:
        """Of an `Approval` that a turn has yielded; again changes nothing. Returns at once."""

    def fetch(self, session: str, artifact: str, most: int) -> bytes:
        """A file that the agent has handed over. Raises FileLost, or FileTooLarge for more than `most` bytes."""

    def next_wake(self) -> datetime | None:
        """When OpenClaw's own cron must be awake again; None for never."""

    def suspend(self) -> Suspension | None:
        """Asks it to begin nothing new, for two minutes or until `resume`, which it does if it works at nothing.

        None where it does not answer, at most two seconds later.
        """

    def resume(self, suspension: Suspension) -> None:
        """It may go on after all. Returns at once."""

    def silence(self) -> timedelta | None:
        """How long ago the last turn of any kind gave a sign of life, cron jobs too; None when none ever did."""

    def wait_ready(self, timeout: float) -> bool:
        """Has OpenClaw answered the hello within so many seconds?"""

    def warm_up(self) -> None:
        """Makes the first turn faster; shows nowhere."""

    def keep_warm(self) -> None:
        """Keeps the next turn fast after a silence; shows nowhere, is no activity, and returns at once."""

    def close(self) -> None: ...


class OpenClawControl(Protocol):
    """The other container of the task, which starts OpenClaw."""

    def go(self) -> None:
        """The state is in place: start OpenClaw."""

    def restart(self) -> None:
        """OpenClaw hangs: start it anew."""

    def changed(self) -> Sequence[str]:
        """Paths: what others wrote that would change how OpenClaw starts, and that was removed or put back."""

    def halt(self, timeout: float) -> None:
        """OpenClaw ends in good order, so that its last backup is of a clean stop; waits at most so many seconds."""


class Bell(Protocol):
    """Stays rung until somebody waited for it."""

    def set(self) -> None:
        """Rings it, from any thread and from a signal handler."""

    def wait(self, timeout: float) -> bool:
        """Was it rung within so many seconds? It is silent afterwards. One thread waits."""


class Concurrency(Protocol):
    """Threads, or a simulation of them: every wait of the bridge goes through here."""

    def spawn(self, work: Callable[[], None], name: str) -> None: ...

    def bell(self) -> Bell: ...

    def sleep(self, seconds: float) -> None: ...
