"""Coroutines instead of threads, a virtual clock instead of the real one: every wait is a place where others go on.

Production code runs unchanged in greenlets. It comes back here whenever it waits, sleeps or calls a port; who goes
on next is decided by the time at which each one wakes, and that comes from the seed.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from greenlet import GreenletExit, getcurrent, greenlet

BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Killed(GreenletExit):
    """The process is gone: nothing in it runs any more, and what its `finally` blocks ask for has no effect."""


class Process:
    """What dies together: a Lambda invocation, a bridge, an OpenClaw, a browser."""

    def __init__(self, name: str, skew: float = 0.0, epoch: int | None = None, user: str | None = None) -> None:
        self.name, self.skew, self.epoch, self.user = name, skew, epoch, user
        self.dead = False
        self.died: Callable[[], None] = lambda: None  # told when it is killed while something in it runs
        self.actors: list[Actor] = []


class Actor(greenlet):
    """A thread of a process."""

    process: Process


class Timer:
    """A job that will run once, unless it is called off."""

    __slots__ = ("job",)

    def __init__(self, job: Callable[[], None] | None) -> None:
        self.job = job

    def cancel(self) -> None:
        self.job = None


class Scheduler:
    def __init__(self, on_error: Callable[[Process, str, BaseException], None]) -> None:
        self.now = 0.0
        self.steps = 0
        self._on_error = on_error
        self._hub = getcurrent()
        self._order = itertools.count()
        self._jobs: list[tuple[float, int, Timer]] = []
        self._processes: dict[Process, None] = {}

    def clock(self) -> datetime:
        """What the clock of the process that asks says."""
        process = self.process
        return BEGIN + timedelta(seconds=self.now + (process.skew if process else 0.0))

    @property
    def process(self) -> Process | None:
        actor = getcurrent()
        return actor.process if isinstance(actor, Actor) else None

    def after(self, seconds: float, job: Callable[[], None]) -> Timer:
        timer = Timer(job)
        heapq.heappush(self._jobs, (self.now + seconds, next(self._order), timer))
        return timer

    def spawn(self, process: Process, work: Callable[[], None], name: str, delay: float = 0.0) -> None:
        actor = Actor(lambda: self._live(process, work, name), self._hub)
        actor.process = process
        process.actors.append(actor)
        self._processes[process] = None
        self.after(delay, lambda: self.resume(actor))

    def pause(self, seconds: float) -> None:
        """The actor that calls waits; others run."""
        actor = self.actor()
        self.after(seconds, lambda: self.resume(actor))
        self.halt()

    def actor(self) -> Actor:
        """Who calls. A dead process gets no further."""
        actor = getcurrent()
        assert isinstance(actor, Actor), "only an actor may wait"
        if actor.process.dead:
            raise Killed
        return actor

    def halt(self) -> None:
        """Until somebody resumes the actor that calls."""
        self._hub.switch()
        self.actor()

    def resume(self, actor: Actor) -> None:
        """From a job only."""
        if not actor.dead and not actor.process.dead:
            actor.switch()

    def kill(self, process: Process) -> None:
        """At once and without a word, whatever it was doing."""
        if process.dead:
            return
        process.dead = True
        if process.actors:
            process.died()
        self.after(0.0, lambda: self._bury(process))

    def run(self, until: float, done: Callable[[], bool] = lambda: False) -> None:
        """All that happens before `until`, or until `done`."""
        while self._jobs and self._jobs[0][0] <= until and not done():
            at, _, timer = heapq.heappop(self._jobs)
            if timer.job is None:
                continue
            self.now = max(self.now, at)
            self.steps += 1
            job, timer.job = timer.job, None
            job()
        if not done():
            self.now = max(self.now, until)

    def end(self) -> None:
        """The history is over; nobody is left to be collected at some later time."""
        for process in list(self._processes):
            process.dead = True
            self._bury(process)
        self._jobs.clear()

    def _bury(self, process: Process) -> None:
        for actor in list(process.actors):  # each one leaves it
            if not actor.dead:
                actor.throw(Killed)
        process.actors.clear()
        self._processes.pop(process, None)

    def _live(self, process: Process, work: Callable[[], None], name: str) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  the edge of a thread
            self._on_error(process, name, error)
        finally:
            self._leave(process)

    def _leave(self, process: Process) -> None:
        actor = getcurrent()
        if isinstance(actor, Actor) and actor in process.actors:
            process.actors.remove(actor)
        if not process.actors:
            self._processes.pop(process, None)
