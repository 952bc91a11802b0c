"""The bridge's `Concurrency` in the simulation: threads are actors, bells wake them."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulation.scheduler import Actor, Process, Scheduler, Timer


class Bell:
    """A bell that stays rung until somebody waited for it."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._rung = False
        self._waiting: list[tuple[Actor, Timer]] = []

    def set(self) -> None:
        self._rung = True
        waiting, self._waiting = self._waiting, []
        for actor, timer in waiting:
            timer.cancel()
            self._wake(actor)

    def wait(self, timeout: float) -> bool:
        actor = self._scheduler.actor()
        if self._rung:
            self._scheduler.pause(0.0)
        elif timeout > 0:
            timer = self._scheduler.after(timeout, lambda: self._give_up(actor))
            self._waiting.append((actor, timer))
            self._scheduler.halt()
        rung, self._rung = self._rung, False
        return rung

    def _give_up(self, actor: Actor) -> None:
        self._waiting = [each for each in self._waiting if each[0] is not actor]
        self._scheduler.resume(actor)

    def _wake(self, actor: Actor) -> None:
        self._scheduler.after(0.0, lambda: self._scheduler.resume(actor))


class Actors:
    """Implements the port `Concurrency` for one process."""

    def __init__(self, scheduler: Scheduler, process: Process) -> None:
        self._scheduler, self._process = scheduler, process

    def spawn(self, work: Callable[[], None], name: str) -> None:
        self._scheduler.spawn(self._process, work, name)

    def bell(self) -> Bell:
        return Bell(self._scheduler)

    def sleep(self, seconds: float) -> None:
        self._scheduler.pause(seconds)
