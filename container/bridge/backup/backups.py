"""Backups of what the agent knows: restored before OpenClaw starts, made while it runs, verified before it goes.

The rules: without a restore that succeeded there is no backup in this epoch, so that nothing good is replaced by
nothing. Who finds somebody else's manifest where its own should be has been replaced, and stops. Everything else
that fails is tried again, and said.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.generations import Kind, Point
from chalicelib.domain.notes import BACKUP_DAMAGED, BACKUP_FAILING, BACKUP_UNREADABLE, NOT_SAVED
from chalicelib.domain.signals import Event
from chalicelib.errors import ConditionFailed, DamagedBackup, Fenced, StorageUnavailable
from chalicelib.logs import log_event
from chalicelib.ports import Clock
from container.bridge.backup.generations import Generations
from container.bridge.backup.ports import Parallel, StateFolder, Talk, in_turn
from container.bridge.ports import Concurrency

log = logging.getLogger(__name__)
RESTORE_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between tries while S3 does not answer
RETRY = timedelta(seconds=5)  # after a backup that failed; less when backups are more frequent
COURTESY = 0.25  # seconds: the doorbell rings for messages far more often than for backups, and they are in a hurry
SHARE = 0.75  # of the interval is the pause, so that a change is in the bucket within the whole


@dataclass
class Backups:
    bucket: BackupBucket
    epoch: int
    folder: StateFolder
    concurrency: Concurrency
    clock: Clock
    talk: Talk
    interval: timedelta = timedelta(seconds=60)
    parallel: Parallel = in_turn
    fenced: bool = False  # somebody else writes this user's backups
    restored: bool = False
    problem: str | None = None  # the note that says why nothing could be restored
    saved: bool = True  # False from the order to stop until the last backup is verified
    _failures: int = field(default=0, init=False)  # in a row
    _note: str | None = field(default=None, init=False)  # what people were told
    _stop_by: datetime | None = field(default=None, init=False)
    _running: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._generations = Generations(self.bucket, self.epoch, self.folder, self.clock, self.parallel)
        self._over, self._bell, self._done = (self.concurrency.signal() for _ in range(3))

    def begin(self) -> None:
        """Starts to restore, beside everything else that a start has to do."""
        self.concurrency.spawn(self._restore, "restore")

    def await_restore(self, timeout: float) -> bool:
        """Is it over? Then `restored`, `problem` or `fenced` say how."""
        return self._over.wait(timeout)

    def start(self) -> None:
        """From now on there are backups; only after `restored`."""
        assert self.restored
        self._running = True
        self.concurrency.spawn(self._run, "backups")

    def ring(self) -> None:
        """Somebody may have asked for a backup."""
        self._bell.set()

    def stop(self, timeout: float) -> bool:
        """The last backup, verified. False when it could not be made in time."""
        if self._running:
            self.ask_to_stop(timeout)
            self._done.wait(timeout + RETRY.total_seconds())
        return self.saved

    def ask_to_stop(self, timeout: float) -> None:
        self.saved = False
        self._stop_by = self.clock() + timedelta(seconds=timeout)
        self._bell.set()

    def _restore(self) -> None:
        began, outcome = self.clock(), "failed"
        try:
            outcome = "restored" if self._restore_with_retries() else "new"
            self.restored = True
        except Fenced as error:
            log.warning("%s", error)
            self.fenced = True
        except Exception as error:
            log.exception("the state could not be restored; it stays as it is in the bucket")
            self.problem = BACKUP_DAMAGED if isinstance(error, DamagedBackup) else BACKUP_UNREADABLE
            self._say(self.problem)
        finally:
            log_event(Event.RESTORE_ENDED, self.bucket.user_id, self.epoch, result=outcome, took=self.clock() - began)
            self._over.set()

    def _restore_with_retries(self) -> Point | None:
        for pause in RESTORE_PAUSES:
            try:
                return self._generations.restore()
            except StorageUnavailable as error:
                log.warning("restore: trying again in %s s: %s", pause, error)
                self.concurrency.sleep(pause)
        return self._generations.restore()

    def _run(self) -> None:
        due = self.clock() + self._pause()
        while self._stop_by is None and not self.fenced:
            rung = self._bell.wait(max(0.0, (due - self.clock()).total_seconds()))
            if rung and self._stop_by is None:
                self.concurrency.sleep(COURTESY)
            asked = None if self._stop_by else self.talk.asked()
            if self._stop_by is None and (asked or self.clock() >= due):
                began = self.clock()
                self._tick(asked)
                due = began + self._pause()
        self._finish()
        self._done.set()

    def _pause(self) -> timedelta:
        pause = self.interval * SHARE
        return min(pause, RETRY) if self._failures else pause

    def _tick(self, asked: str | None) -> None:
        if self._save(Kind.ASKED if asked else Kind.RUNNING):
            if asked:
                self.talk.answered(asked)
            self._sweep()

    def _finish(self) -> None:
        while not self.fenced and self._stop_by is not None:
            if self._save(Kind.STOP):
                self.saved = True
                return
            if self.clock() >= self._stop_by:
                self._say(NOT_SAVED)
                return
            self.concurrency.sleep(1.0)

    def _save(self, kind: Kind) -> bool:
        began = self.clock()
        try:
            point = self._generations.add(kind)
            if kind is Kind.STOP:
                self._generations.verify()
        except (Fenced, ConditionFailed) as error:
            log.warning("no backup, another writer has taken over: %s", error)
            self.fenced = True
            return False
        except Exception as error:
            ours = not isinstance(error, StorageUnavailable)
            log.warning("no backup, it will be tried again: %s", error, exc_info=ours)
            self._fail()
            return False
        if point:
            log_event(Event.BACKUP_ENDED, self.bucket.user_id, self.epoch, result="made", took=self.clock() - began)
        self._failures = 0
        self._say(None)
        return True

    def _fail(self) -> None:
        log_event(Event.BACKUP_ENDED, self.bucket.user_id, self.epoch, result="failed")
        self._failures += 1
        if self._failures > 1:  # once is nothing to talk about
            self._say(BACKUP_FAILING)

    def _say(self, note: str | None) -> None:
        if note != self._note:
            self._note = note
            self.talk.say(note)

    def _sweep(self) -> None:
        try:
            self._generations.sweep()
        except ConditionFailed:
            self.fenced = True
        except Exception:
            log.exception("garbage stays where it is")
