"""One restore or one backup at a time: what came of it, and the note that its owner sees of it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import timedelta

from chalicelib.domain.generations import Kind, Point
from chalicelib.domain.notes import BACKUP_DAMAGED, BACKUP_FAILING, BACKUP_UNREADABLE, NOT_SAVED
from chalicelib.domain.signals import Event
from chalicelib.errors import ConditionFailed, DamagedBackup, Fenced, StorageUnavailable
from chalicelib.logs import log_event
from chalicelib.ports import Clock, Sleep
from container.bridge.backup.generations import Generations
from container.bridge.backup.outcomes import NotRestored, NotSaved, Restored, RestoreOutcome, Saved, SaveOutcome
from container.bridge.backup.ports import Reports
from container.bridge.events import FencedOff

log = logging.getLogger(__name__)
RESTORE_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between tries while S3 does not answer
RETRY = timedelta(seconds=5)  # after a backup that failed; less when backups are more frequent
SHARE = 0.75  # of the interval is the pause, so that a change is in the bucket within the whole


@dataclass
class Saver:
    """Used by one thread at a time: the one that restores, and when that is over the one that saves."""

    generations: Generations
    reports: Reports
    sleep: Sleep
    clock: Clock
    interval: timedelta = timedelta(seconds=60)  # within which a change is in the bucket
    _failures: int = field(default=0, init=False)  # in a row
    _note: str | None = field(default=None, init=False)  # what people were told

    def restore(self) -> RestoreOutcome:
        """Tries again while S3 does not answer; raises nothing."""
        began, outcome = self.clock(), "failed"
        try:
            point = self._restore_with_retries()
            outcome = "restored" if point else "new"
            return Restored(new=point is None)
        except Fenced as error:
            log.warning("%s", error)
            return FencedOff(str(error))
        except Exception as error:
            log.exception("the state could not be restored; it stays as it is in the bucket")
            note = BACKUP_DAMAGED if isinstance(error, DamagedBackup) else BACKUP_UNREADABLE
            self._say(note)
            return NotRestored(note)
        finally:
            self._log(Event.RESTORE_ENDED, outcome, self.clock() - began)

    def save(self, kind: Kind) -> SaveOutcome:
        """One try; the one at a stop is verified. Raises nothing."""
        began = self.clock()
        try:
            point = self.generations.add(kind)
            if kind is Kind.STOP:
                self.generations.verify()
        except (Fenced, ConditionFailed) as error:
            log.warning("no backup, another writer has taken over: %s", error)
            return FencedOff(str(error))
        except Exception as error:
            ours = not isinstance(error, StorageUnavailable)
            log.warning("no backup, it will be tried again: %s", error, exc_info=ours)
            self._fail()
            return NotSaved(str(error))
        if point:
            self._log(Event.BACKUP_ENDED, "made", self.clock() - began)
        self._failures = 0
        self._say(None)
        return Saved()

    def sweep(self) -> SaveOutcome:
        """Collects garbage; what could not be collected stays where it is."""
        try:
            self.generations.sweep()
        except ConditionFailed as error:
            return FencedOff(str(error))
        except Exception:
            log.exception("garbage stays where it is")
        return Saved()

    def give_up(self) -> None:
        """The last backup could not be made in time."""
        self._say(NOT_SAVED)

    @property
    def pause(self) -> timedelta:
        """From the beginning of one backup to the next."""
        pause = self.interval * SHARE
        return min(pause, RETRY) if self._failures else pause

    def _restore_with_retries(self) -> Point | None:
        for pause in RESTORE_PAUSES:
            try:
                return self.generations.restore()
            except StorageUnavailable as error:
                log.warning("restore: trying again in %s s: %s", pause, error)
                self.sleep(pause)
        return self.generations.restore()

    def _fail(self) -> None:
        self._log(Event.BACKUP_ENDED, "failed")
        self._failures += 1
        if self._failures > 1:  # once is nothing to talk about
            self._say(BACKUP_FAILING)

    def _say(self, note: str | None) -> None:
        if note != self._note:
            self._note = note
            self.reports.note(note)

    def _log(self, event: Event, result: str, took: timedelta | None = None) -> None:
        log_event(event, self.generations.bucket.user_id, self.generations.epoch, result=result, took=took)
