"""One restore or one backup at a time: what came of it, and the note that its owner sees of it."""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain import notes
from chalicelib.domain.generations import Kind, Point, shown_name
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
STALLED = timedelta(minutes=5)  # a first one of some GB takes less
SHARE = 0.75  # of the interval is the pause, so that a change is in the bucket within the whole
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
BAD_NAME = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EEXIST, errno.EINVAL, errno.ENOTDIR, errno.EISDIR)


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
    _began: datetime | None = field(default=None, init=False)  # the backup that is being made

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
            note = _note_of(error)
            self._say(note)
            return NotRestored(note)
        finally:
            self._log(Event.RESTORE_ENDED, outcome, self.clock() - began)

    def save(self, kind: Kind) -> SaveOutcome:
        """One try; the one at a stop is verified. Raises nothing."""
        began = self._began = self.clock()
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
        finally:
            self._began = None
        if point:
            self._log(Event.BACKUP_ENDED, "made", self.clock() - began)
        self._failures = 0
        self._say(self._incomplete())
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

    def look(self) -> None:
        """For another thread: a backup that does not end, whatever it waits for, is said."""
        if (began := self._began) and self.clock() - began > STALLED:
            self._say(notes.BACKUP_FAILING)

    def give_up(self) -> None:
        """The last backup could not be made in time."""
        self._say(notes.NOT_SAVED)

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
            self._say(notes.BACKUP_FAILING)

    def _incomplete(self) -> str | None:
        """The note that names what the last one could not have as it is."""
        lost = sorted(self.generations.lost)
        return notes.incomplete(shown_name(lost[0]), len(lost)) if lost else None

    def _say(self, note: str | None) -> None:
        if note != self._note:
            self._note = note
            self.reports.note(note)

    def _log(self, event: Event, result: str, took: timedelta | None = None) -> None:
        log_event(event, self.generations.bucket.user_id, self.generations.epoch, result=result, took=took)


def _note_of(error: Exception) -> str:
    """An error of the bucket is none of the system's: that one came of writing."""
    if isinstance(error, DamagedBackup):
        return notes.BACKUP_DAMAGED
    if not isinstance(error, OSError):
        return notes.BACKUP_UNREADABLE
    if error.errno in NO_ROOM:
        return notes.RESTORE_NO_ROOM
    return notes.RESTORE_BAD_NAME if error.errno in BAD_NAME else notes.RESTORE_REFUSED
