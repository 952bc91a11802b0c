"""Backups of what the agent knows: restored before OpenClaw starts, made while it runs, verified before it goes.

The rules: without a restore that succeeded there is no backup in this epoch, so that nothing good is replaced by
nothing. Who finds somebody else's manifest where its own should be has been replaced, and stops. Everything else
that fails is tried again, and said.

Threads: one restores and ends; then one of its own saves until it is told to stop. Both hand over what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.generations import Kind
from chalicelib.ports import Clock
from container.bridge.backup.outcomes import NothingToSave, Restored, RestoreOutcome, Saved, SaveOutcome, StopOutcome
from container.bridge.backup.saver import RETRY, Saver
from container.bridge.events import FencedOff, Report
from container.bridge.mailbox import Mailbox, Promise
from container.bridge.ports import Concurrency

DOORBELL_PAUSE = 0.25  # seconds: the doorbell rings for messages far more often than for backups, and they go first


@dataclass(frozen=True)
class StopSaving:
    """One last backup, verified by then."""

    by: datetime


class Backups:
    """`ring` is for any thread, the rest for the lifecycle's."""

    def __init__(self, saver: Saver, concurrency: Concurrency, clock: Clock, report: Report) -> None:
        """`report` hears that another epoch writes the backups."""
        self._saver, self._concurrency, self._clock, self._report = saver, concurrency, clock, report
        self._started = False
        self._mailbox: Mailbox[StopSaving] = Mailbox(concurrency)
        self._restored: Promise[RestoreOutcome] = Promise(concurrency)
        self._stopped: Promise[StopOutcome] = Promise(concurrency)

    def begin(self) -> None:
        """Starts to restore, beside everything else that a start has to do."""
        self._concurrency.spawn(lambda: self._restored.put(self._saver.restore()), "restore")

    def await_restore(self, timeout: float) -> RestoreOutcome | None:
        """None while it is not over."""
        return self._restored.wait(timeout)

    def start(self) -> None:
        """From now on there are backups; only after `Restored`."""
        assert isinstance(self._restored.value, Restored)
        self._started = True
        self._concurrency.spawn(self._run, "backups")

    def look(self) -> None:
        """From time to time: one that does not end is said."""
        self._saver.look()

    def ring(self) -> None:
        """Somebody may have asked for a backup."""
        self._mailbox.ring()

    def ask_to_stop(self, timeout: float) -> None:
        """With a last backup, for which there are so many seconds."""
        self._mailbox.put(StopSaving(self._clock() + timedelta(seconds=timeout)))

    def stop(self, timeout: float) -> StopOutcome | None:
        """What came of the last backup; None when even that is not known in time."""
        if not self._started:
            return NothingToSave()
        self.ask_to_stop(timeout)
        return self._stopped.wait(timeout + RETRY.total_seconds())

    def _run(self) -> None:
        outcome = self._save_until_stopped()
        if isinstance(outcome, FencedOff):
            self._report(outcome)
        self._stopped.put(outcome)

    def _save_until_stopped(self) -> SaveOutcome:
        due = self._clock() + self._saver.pause
        while True:
            rung = self._mailbox.wait(max(0.0, (due - self._clock()).total_seconds()))
            if rung and not self._must_stop:
                self._concurrency.sleep(DOORBELL_PAUSE)
            asked = None if self._must_stop else self._saver.reports.asked()
            if self._must_stop:
                return self._last_save(self._mailbox.take()[-1].by)
            if asked or self._clock() >= due:
                began = self._clock()
                if isinstance(outcome := self._save(asked), FencedOff):
                    return outcome
                due = began + self._saver.pause

    @property
    def _must_stop(self) -> bool:
        return self._mailbox.has(StopSaving)

    def _save(self, asked: str | None) -> SaveOutcome:
        outcome = self._saver.save(Kind.ASKED if asked else Kind.RUNNING)
        if not isinstance(outcome, Saved):
            return outcome
        if asked:
            self._saver.reports.answered(asked)
        return self._saver.sweep()

    def _last_save(self, by: datetime) -> SaveOutcome:
        while True:
            outcome = self._saver.save(Kind.STOP)
            if isinstance(outcome, Saved | FencedOff):
                return outcome
            if self._clock() >= by:
                self._saver.give_up()
                return outcome
            self._concurrency.sleep(1.0)
