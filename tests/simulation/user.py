"""A person with some pages: writes, waits, cancels, deletes, goes away and comes back, and speaks at bad moments."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from random import Random

from chalicelib.errors import AgentBusy, ServiceError
from tests.simulation.cloud import Cloud
from tests.simulation.page import Letter, Page, Regret
from tests.simulation.ports import Line

PAUSES = (0.05, 1.0, 5.0, 40.0, 130.0, 200.0)
HALTS = 0.03  # of the moments behind a message
LATEST = 70.0  # seconds after which a call has had its effect or never has
BAD_MOMENTS = ("stopping", "idle", "starting", "running")


class User:
    def __init__(self, line: Line, cloud: Cloud, name: str, dice: Random, sizes: tuple[int, int]) -> None:
        self._line, self._cloud, self.name, self._dice = line, cloud, name, dice
        pages, self._messages = sizes
        self.talks = [self._uuid() for _ in range(dice.choice((1, 1, 2)))]
        self.pages = [Page(line, cloud, name, f"{name}-page{number + 1}", self.talks) for number in range(pages)]
        self.sent: list[str] = []
        self._written = 0
        self.quiet = False  # has nothing more to say
        self._halted = False
        self._thrown_at = -LATEST
        self._temper = Random(f"{name} of {self.talks[0]}")  # its own: what else somebody does stays as it is

    def live(self) -> None:
        """All that this person does while there are faults."""
        for page in self.pages:
            page.open()
        self._line.scheduler.pause(self._dice.uniform(0.5, 30))
        for _ in range(self._messages):
            self._say(self._dice.choice(self.pages))
            if self._dice.random() < 0.35:
                self._do_something()
            if not self._halted and self._temper.random() < HALTS:
                self._halt()
            self._wait()
        self.quiet = True

    def come_back(self) -> None:
        self._lift()
        for page in self.pages:
            self._back(page)

    def last_word(self) -> None:
        """When all is quiet after the storm, one thing more is said."""
        self._say(self.pages[0])

    def _say(self, page: Page) -> None:
        if page.closed:
            page.open()
        self._written += 1
        kind = " KILL" if self._dice.random() < 0.05 else ""
        letter = Letter(self._uuid(), self._dice.choice(self.talks), f"{self.name} says {self._written}{kind}")
        self.sent.append(letter.id)
        if self._dice.random() < 0.2:
            page.regretted[letter.id] = Regret(self._dice.choice((1, 2, 2)), self._dice.choice((0.0, 0.0, 0.3, 2.0)))
        page.post(letter)

    def _wait(self) -> None:
        if self._dice.random() < 0.3:
            self._wait_for(self._dice.choice(BAD_MOMENTS))
        else:
            self._line.scheduler.pause(self._dice.choice(PAUSES) * self._dice.uniform(0.5, 1.5))
        if self._line.faults.strike("page_drops"):
            page = self._dice.choice(self.pages)
            page.leave()
            self._line.scheduler.after(self._dice.uniform(0.1, 60), lambda: self._back(page))

    def _back(self, page: Page) -> None:
        if page.closed:
            page.open()

    def _wait_for(self, status: str) -> None:
        """Speaks just when the agent changes."""
        for _ in range(400):
            if any(page.status.get("status") == status for page in self.pages if page.connected):
                break
            self._line.scheduler.pause(0.5)
        self._line.scheduler.pause(self._dice.choice((0.0, 0.1, 1.0, 5.0)))

    def _do_something(self) -> None:
        self._line.scheduler.pause(self._dice.choice((0.0, 0.5, 3.0, 30.0, 60.0)))
        page = self._dice.choice(self.pages)
        deeds: list[Callable[[Page], None]] = [self._cancel, self._cancel, self._stop, self._start, self._delete]
        self._dice.choice(deeds)(page)

    def _cancel(self, page: Page) -> None:
        page.cancel(self._dice.choice(self.sent))

    def _stop(self, page: Page) -> None:
        lifecycle = self._cloud.services.lifecycle
        self._cloud.rest(self.name, "stop", lambda: lifecycle.stop(self.name), self._stopped)

    def _stopped(self, answer: object) -> None:
        if isinstance(answer, AgentBusy):
            self._line.history.count("stop refused: busy")

    def _start(self, page: Page) -> None:
        lifecycle = self._cloud.services.lifecycle
        self._cloud.rest(self.name, "start", lambda: lifecycle.start(self.name), lambda answer: None)

    def _halt(self) -> None:
        """By the kill switch; it is lifted later, tried until it is, and no call that throws it can come any more."""
        lifecycle = self._cloud.services.lifecycle
        self._halted, self._thrown_at = True, self._line.scheduler.now
        self._cloud.rest(self.name, "halt", lambda: lifecycle.switch(self.name, halted=True), lambda answer: None)
        self._line.scheduler.after(self._temper.choice((20.0, 100.0, 400.0)), self._lift)

    def _lift(self) -> None:
        if not self._halted:
            return
        lifecycle = self._cloud.services.lifecycle
        self._cloud.rest(self.name, "lift", lambda: lifecycle.switch(self.name, halted=False), self._lifted)
        self._line.scheduler.after(15.0, self._lift)

    def _lifted(self, answer: object) -> None:
        is_late = self._line.scheduler.now < self._thrown_at + LATEST
        self._halted = isinstance(answer, ServiceError) or is_late

    def _delete(self, page: Page) -> None:
        """And brings it back later, so that all can be compared in the end."""
        history, talk = self._cloud.services.history, self._dice.choice(self.talks)
        self._line.history.note("delete", user=self.name, talk=talk)
        self._cloud.rest(self.name, "delete", lambda: history.delete(self.name, talk), lambda answer: None)

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
