"""Backups of what the agent knows: restored before OpenClaw starts, made while it runs, verified before it goes.

The rules: without a restore that succeeded there is no backup in this epoch, so that nothing good is replaced by
nothing. Who finds somebody else's manifest where its own should be has been replaced, and stops. Everything else
that fails is tried again, and said.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.generations import Kind, Point
from chalicelib.errors import ConditionFailed, DamagedBackup, Fenced, StorageUnavailable
from chalicelib.ports import Clock
from chalicelib.state.vault import Vault
from container.bridge.backup_ledger import Ledger
from container.bridge.backup_memory import Memory, gather, remember
from container.bridge.backup_notes import NOT_SAVED, describe_restore, describe_trouble
from container.bridge.backup_ports import Parallel, StateFolder, Talk, in_turn
from container.bridge.backup_restore import restore
from container.bridge.ports import Concurrency

log = logging.getLogger(__name__)
RESTORE_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds between tries while S3 does not answer
RETRY = timedelta(seconds=5)  # after a backup that failed; less when backups are more frequent
SHARE = 0.75  # of the interval is the pause, so that a change is in the bucket within the whole


@dataclass
class Backups:
    vault: Vault
    epoch: int
    folder: StateFolder
    concurrency: Concurrency
    clock: Clock
    talk: Talk
    interval: timedelta = timedelta(seconds=60)
    parallel: Parallel = in_turn
    fenced: bool = False  # somebody else writes this user's backups
    problem: str | None = None  # why nothing could be restored, for the user
    restored: bool = False
    _memory: Memory = field(default_factory=Memory)
    _failures: int = 0  # in a row
    _note: str | None = None  # what people were told
    _stop_by: datetime | None = None
    _running: bool = False
    _saved: bool = True

    def __post_init__(self) -> None:
        self._ledger = Ledger(self.vault, self.epoch)
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

    def stop(self, patience: float) -> bool:
        """The last backup, verified. False when it could not be made in time."""
        if self._running:
            self._saved = False
            self._stop_by = self.clock() + timedelta(seconds=patience)
            self._bell.set()
            self._done.wait(patience + RETRY.total_seconds())
        return self._saved

    def _restore(self) -> None:
        try:
            self._restore_patiently()
            self.restored = True
        except Fenced as error:
            log.warning("%s", error)
            self.fenced = True
        except Exception as error:
            log.exception("the state could not be restored; it stays as it is in the bucket")
            self.problem = describe_restore(error)
            self._say(self.problem)
        finally:
            self._over.set()

    def _restore_patiently(self) -> None:
        for pause in RESTORE_PAUSES:
            try:
                return self._restore_once()
            except StorageUnavailable as error:
                log.warning("restore: trying again in %s s: %s", pause, error)
                self.concurrency.sleep(pause)
        return self._restore_once()

    def _restore_once(self) -> None:
        if head := self._ledger.claim().head:
            began = self.clock()
            listing = self.vault.listing(head.listing)
            contents = restore(self.vault, listing, self.folder, self.parallel)
            self._memory = remember(listing, contents, self.folder)
            log.info("restored point %d, %d bytes, in %s", head.number, listing.size, self.clock() - began)

    def _run(self) -> None:
        due = self.clock() + self._pause()
        while self._stop_by is None and not self.fenced:
            self._bell.wait(max(0.0, (due - self.clock()).total_seconds()))
            if self._stop_by is None and (self.clock() >= due or self.talk.asked()):
                began = self.clock()
                self._tick()
                due = began + self._pause()
        self._finish()
        self._done.set()

    def _pause(self) -> timedelta:
        pause = self.interval * SHARE
        return min(pause, RETRY) if self._failures else pause

    def _tick(self) -> None:
        asked = self.talk.asked()
        if self._try(Kind.ASKED if asked else Kind.RUNNING):
            if asked:
                self.talk.answered(asked)
            self._sweep()

    def _finish(self) -> None:
        while not self.fenced and self._stop_by is not None:
            if self._try(Kind.STOP):
                self._saved = True
                return
            if self.clock() >= self._stop_by:
                self._say(NOT_SAVED)
                return
            self.concurrency.sleep(1.0)

    def _try(self, kind: Kind) -> bool:
        try:
            self.back_up(kind)
            if kind is Kind.STOP:
                self._verify()
        except (Fenced, ConditionFailed) as error:
            log.warning("no backup, another writer has taken over: %s", error)
            self.fenced = True
            return False
        except Exception as error:
            log.warning(
                "no backup, it will be tried again: %s", error, exc_info=not isinstance(error, StorageUnavailable)
            )
            self._failures += 1
            if self._failures > 1:  # once is nothing to talk about
                self._say(describe_trouble(error))
            return False
        self._failures = 0
        self._say(None)
        return True

    def _say(self, note: str | None) -> None:
        if note != self._note:
            self._note = note
            self.talk.say(note)

    def back_up(self, kind: Kind) -> int:
        """Makes a new generation if something has changed, or somebody asks; bytes of packs that were stored.

        Raises ConditionFailed when the manifest is not ours any more, StorageUnavailable, OSError, sqlite3.Error.
        """
        found = gather(self._memory, self.folder, self.vault, tidy=kind is not Kind.STOP)
        same = found.memory.listing.same_as(self._memory.listing) and not found.packs
        if not same or kind is Kind.ASKED or self._ledger.manifest.head is None:
            self._publish(found.memory, kind)
        self._memory = found.memory
        return found.stored_bytes

    def _publish(self, memory: Memory, kind: Kind) -> None:
        listing, now, manifest = self.vault.put_listing(memory.listing), self.clock(), self._ledger.manifest
        point = Point(
            number=manifest.next_number,
            listing=listing,
            made_at=now,
            epoch=self.epoch,
            kind=kind,
            size=memory.listing.size,
            files=len(memory.listing.files),
            kept=kind is Kind.ASKED,
        )
        self._ledger.replace(manifest.grown(point, now))
        log.info("backup %d: %d bytes in %d files", point.number, point.size, point.files)

    def _verify(self) -> None:
        """Would the next start find all it needs?"""
        if not self._ledger.holds():
            raise Fenced("the manifest is not the one we wrote")
        missing = [key for key, size in self._sizes() if size is None]
        if missing:
            self._memory = Memory()  # so that the next try stores everything
            raise DamagedBackup(f"{len(missing)} objects are not there, {missing[0]} is one")

    def _sizes(self) -> list[tuple[str, int | None]]:
        head = self._ledger.manifest.head
        assert head is not None
        packs = [self.vault.pack_key(pack) for pack in sorted(self._memory.listing.live())]
        return self.parallel(
            lambda key: (key, self.vault.objects.size(key)), [self.vault.listing_key(head.listing), *packs]
        )

    def _sweep(self) -> None:
        manifest, now = self._ledger.manifest, self.clock()
        if manifest.sweep_due(now):
            try:
                self.vault.sweep(manifest, now)
                self._ledger.replace(replace(manifest, swept_at=now))
            except ConditionFailed:
                self.fenced = True
            except Exception:
                log.exception("garbage stays where it is")
