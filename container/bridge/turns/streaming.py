"""The one writer of a running answer: what arrives becomes frames, at a pace that API Gateway and a phone can take."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.domain.protocol import Frame
from chalicelib.domain.stream import INTERVAL, Stream
from chalicelib.domain.turn import Delta, Tool
from chalicelib.ports import Clock
from container.bridge.ports import Concurrency

QUIET = 5.0  # seconds between looks when nothing is said
OPENING = 0.05  # seconds that the question waits, so that OpenClaw gets it before the pages do


class StreamWriter:
    """`send` brings a frame to all pages, `reply` to one. The lock is never held while a frame is under way."""

    def __init__(
        self,
        stream: Stream,
        send: Callable[[Frame], None],
        reply: Callable[[str, Frame], None],
        concurrency: Concurrency,
        clock: Clock,
        question: Frame | None = None,
    ) -> None:
        """`question` goes out before the first word: a page that missed it would show an answer to nothing."""
        self.stream = stream
        self._send, self._reply, self._clock = send, reply, clock
        self._lock = threading.Lock()
        self._opening: deque[Frame] = deque([question] if question else [])
        self._late: deque[str] = deque()  # connections that want to catch up
        self._closed = False
        self._pushed_at: datetime | None = None
        self._news = concurrency.signal()
        self._done = concurrency.signal()
        concurrency.spawn(self._write, f"stream {stream.turn}")

    def write(self, delta: Delta) -> None:
        with self._lock:
            self.stream.write(delta)
        self._news.set()

    def note(self, tool: Tool) -> None:
        with self._lock:
            self.stream.note(tool)
        self._news.set()

    def catch_up(self, connection_id: str) -> None:
        self._late.append(connection_id)
        self._news.set()

    def finish(self) -> None:
        """Everything is out when this returns; nothing comes after it."""
        self._closed = True
        self._news.set()
        while not self._done.wait(QUIET):
            pass

    def _write(self) -> None:
        try:
            while not self._closed:
                self._news.wait(self._timeout())
                self._serve()
                self._push(force=False)
            self._serve()
            self._push(force=True)
        finally:
            self._done.set()

    def _timeout(self) -> float:
        """Seconds until the next frame is due."""
        if self._closed or self._late or self.stream.urgent:
            return 0.0
        if self._opening:
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
            self._send(frame)
            self._pushed_at = self._clock()

    def _serve(self) -> None:
        while self._opening:
            self._send(self._opening.popleft())
        while self._late:
            connection_id = self._late.popleft()
            with self._lock:
                frames = self.stream.catch_up()
            for frame in frames:
                self._reply(connection_id, frame)
