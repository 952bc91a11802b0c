"""OpenClaw as the bridge sees it: run a turn, stop it, choose its model. Implements the port `Gateway`."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.domain.turn import Attachment, Choice, Decision, Finished, TurnEvent
from container.bridge.openclaw.approvals import (
    KINDS,
    GatewayApproval,
    Kind,
    OpenApprovals,
    build_decision,
    read_answer,
    read_asked,
)
from container.bridge.openclaw.connection import GatewayConnection, GatewayError
from container.bridge.openclaw.driver import Driver, GatewayLink, Supervision, Surroundings
from container.bridge.openclaw.files import read_file
from container.bridge.openclaw.phases import Cancelled, Question, Timeouts
from container.bridge.openclaw.protocol import (
    Notice,
    Opened,
    Response,
    RunAsked,
    RunEvent,
    build_abort,
    session_key,
)
from container.bridge.openclaw.suspension import SuspendRequest, resume
from container.bridge.openclaw.warmth import keep_warm, warm_up
from container.bridge.ports import Concurrency, FileLost, Suspension
from container.bridge.threads import Threads

log = logging.getLogger(__name__)
SUSPEND_TIMEOUT = 2.0  # seconds; it answers in some milliseconds
ENDED = ("stop", "length", "declined")  # by itself: no run of it is left


def connect(url: str, token: str, notify: Callable[[Notice], None]) -> GatewayLink:
    connection = GatewayConnection(url, token, notify)
    connection.start()
    return connection


@dataclass(frozen=True)
class Platform:
    """Sockets, threads and a clock; or a simulation of them."""

    connect: Callable[[str, str, Callable[[Notice], None]], GatewayLink] = connect
    concurrency: Concurrency = field(default_factory=Threads)
    clock: Callable[[], float] = time.monotonic


class Once:
    """Many turns may find OpenClaw dead at the same time: each OpenClaw is started again once."""

    def __init__(self, call: Callable[[], None], boot_id: Callable[[], str]) -> None:
        self._call, self._boot_id = call, boot_id
        self._called: str | None = None

    def call(self) -> None:
        boot_id = self._boot_id()
        if not boot_id or boot_id != self._called:
            self._called = boot_id
            self._call()


@dataclass(frozen=True)
class LeftBehind:
    """By session, until its next turn."""

    given_up: dict[str, tuple[str, ...]] = field(default_factory=dict)  # runs that OpenClaw may go on with
    cancelled: dict[str, str] = field(default_factory=dict)  # the message whose abort came before its turn


class OpenClawGateway:
    def __init__(
        self,
        url: str,
        token: str,
        *,
        platform: Platform | None = None,
        timeouts: Timeouts | None = None,
        supervision: Supervision | None = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """`supervision`: its `restart` is called when OpenClaw gives no sign of life.

        `on_change` when the connection was lost or is there again; it must not take time.
        """
        platform = platform or Platform()
        supervision = supervision or Supervision()
        hung = Once(supervision.restart, lambda: self._link.boot_id)
        supervision = replace(supervision, restart=hung.call)
        self._around = Surroundings(platform.concurrency, platform.clock, timeouts or Timeouts(), supervision)
        self._on_change = on_change
        self._lock = threading.Lock()
        self._turns: dict[tuple[str, str], Driver] = {}
        self._left = LeftBehind()
        self._asked = OpenApprovals()
        self._heard_at: float | None = None
        self._link = platform.connect(url, token, self._notify)

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
        """Sends the message and yields until Finished or Failed, always exactly one of them and last.

        Safe to call again for the same message after any crash: what OpenClaw already has is not sent again. The
        question costs one request; `fresh` says that nobody ever sent this message and saves it. `choice` is told
        first, and yielded when OpenClaw has taken it.
        """
        key = session_key(session)
        left = self._left.given_up.pop(key, None)
        question = Question(key, message_id, text, tuple(attachments), fresh and left is None, left or (), choice)
        driver = self._begin(question)
        outcome: TurnEvent | None = None
        try:
            for event in driver.play():
                outcome = event
                yield event
        finally:
            self._end(question, driver, outcome)

    def _begin(self, question: Question) -> Driver:
        driver = Driver(self._link, question, self._around)
        with self._lock:
            self._turns[question.session, question.id] = driver
            cancelled = self._left.cancelled.pop(question.session, None) == question.id
        if cancelled:
            driver.put(Cancelled())
        return driver

    def _end(self, question: Question, driver: Driver, outcome: TurnEvent | None) -> None:
        with self._lock:
            self._turns.pop((question.session, question.id), None)
        if not (isinstance(outcome, Finished) and outcome.stop_reason in ENDED):
            self._left.given_up[question.session] = driver.exchange.run_ids

    def abort(self, session: str, message_id: str) -> None:
        """The turn then ends as Finished, with what there is of the answer; so does one that begins only now."""
        key = session_key(session)
        with self._lock:
            turn = self._turns.get((key, message_id))
            if turn is None:
                self._left.cancelled[key] = message_id
        if turn:
            turn.put(Cancelled())
        else:
            self._stop_run(key, message_id)

    def decide(self, approval_id: str, decision: Decision) -> None:
        """Tells OpenClaw, which hears the first decision only; nothing happens where it does not wait for one."""
        if asked := self._asked.get(approval_id):
            self._link.post("approval.resolve", build_decision(asked, decision), partial(self._hear_decided, asked))

    def fetch(self, session: str, artifact: str, most: int) -> bytes:
        """A file that the agent has handed over. Raises FileLost, or FileTooLarge for more than `most` bytes."""
        try:
            return read_file(self._link, session_key(session), artifact, most)
        except GatewayError as error:
            raise FileLost(str(error)) from error

    def next_wake(self) -> datetime | None:
        """When OpenClaw's own cron has something to do; None when it has nothing, or cannot be asked."""
        with suppress(GatewayError):
            at = self._link.request("cron.status", {}, 5.0).get("nextWakeAtMs")
            return None if at is None else datetime.fromtimestamp(at / 1000, UTC)
        return None

    def suspend(self) -> Suspension | None:
        return SuspendRequest(self._link, self._around.concurrency).wait(SUSPEND_TIMEOUT)

    def resume(self, suspension: Suspension) -> None:
        resume(self._link, suspension)

    def silence(self) -> timedelta | None:
        heard = self._heard_at
        return None if heard is None else timedelta(seconds=self._around.clock() - heard)

    def wait_ready(self, timeout: float) -> bool:
        return self._link.wait_open(timeout)

    def warm_up(self) -> None:
        """Has OpenClaw load what its first turn needs; no model is asked and nothing of it is kept."""
        warm_up(self._link)

    def keep_warm(self) -> None:
        """Has OpenClaw use what a turn needs, so that it is not put away; returns at once."""
        keep_warm(self._link.post)

    def close(self) -> None:
        self._link.close()

    def _notify(self, notice: Notice) -> None:
        if isinstance(notice, RunEvent):
            self._heard_at = self._around.clock()
        else:
            self._on_change()
        if isinstance(notice, Opened):
            self._stop_given_up()
            self._recall_asked()
        if isinstance(notice, RunAsked) and not self._admits(notice.asked):
            return
        with self._lock:
            turns = list(self._turns.items())
        for (key, _), turn in turns:
            if not isinstance(notice, RunEvent) or notice.session == key:
                turn.put(notice)

    def _admits(self, asked: GatewayApproval) -> bool:
        """False for a question that nobody could see, or not all of it: it is denied, and told when it is decided."""
        self._asked.note(asked)
        hidden = asked.approval.state == "open" and (asked.of_a_job or not asked.whole)
        if hidden:
            self.decide(asked.approval.id, "deny")
        return not hidden

    def _recall_asked(self) -> None:
        """What was asked while there was no connection."""
        for kind in KINDS:
            self._link.post(f"{kind}.approval.list", {}, partial(self._hear_asked, kind))

    def _hear_asked(self, kind: Kind, listed: Response | None) -> None:
        entries: Any = listed.payload if listed else ()
        for each in entries if isinstance(entries, list) else ():
            if asked := read_asked(kind, each):
                self._notify(RunAsked(asked.run_id, asked.session, asked))

    def _hear_decided(self, asked: GatewayApproval, response: Response | None) -> None:
        """Its event may have been lost with a connection; where it is asked again later, the scheduler does."""
        if response is None or (response.error and response.error.retry_after is not None):
            return
        if response.error:
            log.warning("OpenClaw takes no decision on %s: %s", asked.name, response.error.message)
        self._notify(RunAsked(asked.run_id, asked.session, read_answer(asked, response.payload)))

    def _stop_given_up(self) -> None:
        """A turn may have been cancelled while there was no connection to say so."""
        for key, runs in list(self._left.given_up.items()):
            for run in runs:
                self._stop_run(key, run)

    def _stop_run(self, key: str, run: str) -> None:
        self._link.post("chat.abort", build_abort(key, run), _ignore)


def _ignore(response: Response | None) -> None:
    """Nobody waits for this answer."""
