"""The one writer of a running answer: what arrives becomes frames, at a pace that API Gateway and a phone can take."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.kept import Media
from chalicelib.domain.protocol import Frame
from chalicelib.domain.stream import INTERVAL, Stream
from chalicelib.domain.turn import Approval, Delta, Tool, Waiting
from chalicelib.ports import Clock
from container.bridge.mailbox import Mailbox, Promise
from container.bridge.ports import Concurrency

QUIET = 5.0  # seconds between looks when nothing is said
OPENING = 0.05  # seconds that the question waits, so that OpenClaw gets it before the pages do


class Output(Protocol):
    """Where frames go."""

    def send(self, frame: Frame) -> None:
        """To all pages."""

    def reply(self, connection_id: str, frame: Frame) -> None:
        """To one."""


@dataclass(frozen=True)
class CaughtUp:
    """A page wants all that was framed so far."""

    connection_id: str


@dataclass(frozen=True)
class NoMore:
    """No word comes any more."""


class StreamWriter:
    """Threads: the turn's says what is in the stream, the scheduler's who wants to catch up; `run` alone sends.

    The lock guards the stream and is never held while a frame is under way.
    """

    def __init__(
        self, stream: Stream, output: Output, concurrency: Concurrency, clock: Clock, question: Frame | None = None
    ) -> None:
        """`question` goes out before the first word: a page that missed it would show an answer to nothing."""
        self.stream = stream
        self._output, self._clock = output, clock
        self._lock = threading.Lock()
        self._question = question
        self._pushed_at: datetime | None = None
        self._mailbox: Mailbox[CaughtUp | NoMore] = Mailbox(concurrency)
        self._done: Promise[bool] = Promise(concurrency)

    def write(self, delta: Delta) -> None:
        with self._lock:
            self.stream.write(delta)
        self._mailbox.ring()

    def note(self, event: Tool | Media | Waiting | Approval) -> None:
        with self._lock:
            self.stream.note(event)
        self._mailbox.ring()

    def catch_up(self, connection_id: str) -> None:
        self._mailbox.put(CaughtUp(connection_id))

    def finish(self) -> None:
        """Everything is out when this returns; nothing comes after it. Only after `run` was begun."""
        self._mailbox.put(NoMore())
        while not self._done.wait(QUIET):
            pass

    def run(self) -> None:
        """In a thread of its own, until `finish`."""
        try:
            finished = False
            while not finished:
                self._mailbox.wait(self._timeout())
                finished = self._serve()
                self._push(force=finished)
        finally:
            self._done.put(True)

    def _timeout(self) -> float:
        """Seconds until the next frame is due."""
        if self.stream.urgent:
            return 0.0
        if self._question:
            return OPENING
        return max(0.0, self._due().total_seconds()) if self.stream.dirty else QUIET

    def _due(self) -> timedelta:
        if self._pushed_at is None:
            return timedelta()
        return self._pushed_at + timedelta(seconds=INTERVAL) - self._clock()

    def _push(self, *, force: bool) -> None:
        with self._lock:
            ready = force or self.stream.urgent or (self.stream.dirty and self._due() <= timedelta())
            frames = list(self.stream.take()) if ready else []
        for frame in frames:
            self._output.send(frame)
            self._pushed_at = self._clock()

    def _serve(self) -> bool:
        """The question, and those who want to catch up. Was that all?"""
        if self._question:
            self._output.send(self._question)
            self._question = None
        asked = self._mailbox.take()
        for each in asked:
            if isinstance(each, CaughtUp):
                self._replay(each.connection_id)
        return any(isinstance(each, NoMore) for each in asked)

    def _replay(self, connection_id: str) -> None:
        with self._lock:
            frames = self.stream.catch_up()
        for frame in frames:
            self._output.reply(connection_id, frame)
