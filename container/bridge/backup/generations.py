"""A user's generations as this epoch restores the newest and adds its own; every method is done or raises."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.generations import MOST_NAMED, Kind, Point, shown_name
from chalicelib.errors import DamagedBackup, Fenced
from chalicelib.ports import Clock
from container.bridge.backup.fitting import check_restorable
from container.bridge.backup.gather import Gathered, gather
from container.bridge.backup.ledger import Ledger
from container.bridge.backup.memory import Memory, remember
from container.bridge.backup.ports import Parallel, StateFolder
from container.bridge.backup.restore import restore

log = logging.getLogger(__name__)


@dataclass
class Generations:
    bucket: BackupBucket
    epoch: int
    folder: StateFolder
    clock: Clock
    parallel: Parallel
    lost: Mapping[str, str] = field(default_factory=dict)  # why the last one has a path not at all, or as it was before
    _memory: Memory = field(default_factory=Memory)

    def __post_init__(self) -> None:
        self._ledger = Ledger(self.bucket, self.epoch)

    def restore(self) -> Point | None:
        """The newest one into the folder; None for a new user, whose folder stays as it is.

        Raises Fenced, DamagedBackup, StorageUnavailable, OSError.
        """
        head = self._ledger.claim().head
        if head:
            listing = self.bucket.listing(head.listing)
            contents = restore(self.bucket, listing, self.folder, self.parallel)
            self._memory = remember(listing, contents, self.folder)
        return head

    def add(self, kind: Kind) -> Point | None:
        """A new one if something has changed, or somebody asks; None when there was nothing to do.

        Raises ConditionFailed when the manifest is not ours any more, StorageUnavailable, OSError.
        """
        found = gather(self._memory, self.folder, self.bucket, tidy=kind is not Kind.STOP)
        same = found.memory.listing.same_as(self._memory.listing) and not found.packs
        head = self._ledger.manifest.head
        needed = not same or kind is Kind.ASKED or head is None or head.incomplete != _names(found)
        point = self._publish(found, kind) if needed else None
        self._memory, self.lost = found.memory, found.lost
        if point:
            log.info("backup %d: %d new bytes of %d", point.number, found.stored_bytes, point.size)
        return point

    def verify(self) -> None:
        """Would the next start find all it needs? Raises Fenced, DamagedBackup: then `add` stores everything anew."""
        if not self._ledger.holds():
            raise Fenced("the manifest is not the one we wrote")
        try:
            self._restore_in_thought()
        except DamagedBackup:
            self._memory = Memory()
            raise

    def _restore_in_thought(self) -> None:
        if head := self._ledger.manifest.head:
            check_restorable(self.bucket.listing(head.listing))
        keys = [self.bucket.pack_key(pack) for pack in sorted(self._memory.listing.live())]
        sizes = self.parallel(self.bucket.objects.size, keys)
        missing = [key for key, size in zip(keys, sizes, strict=True) if size is None]
        if missing:
            raise DamagedBackup(f"{len(missing)} objects are not there, {missing[0]} is one")

    def sweep(self) -> None:
        """Collects garbage when it is time."""
        manifest, now = self._ledger.manifest, self.clock()
        if manifest.sweep_due(now):
            self.bucket.sweep(manifest, now)
            self._ledger.replace(replace(manifest, swept_at=now))

    def _publish(self, found: Gathered, kind: Kind) -> Point:
        listing = found.memory.listing
        stored, now, manifest = self.bucket.put_listing(listing), self.clock(), self._ledger.manifest
        point = Point(
            number=manifest.next_number,
            listing=stored,
            made_at=now,
            epoch=self.epoch,
            kind=kind,
            size=listing.size,
            files=len(listing.files),
            kept=kind is Kind.ASKED,
            incomplete=_names(found),
            incomplete_count=len(found.lost) + len(found.special),
        )
        self._ledger.replace(manifest.grown(point, now))
        return point


def _names(found: Gathered) -> tuple[str, ...]:
    """The first of what is missing, as people see it: what has bytes comes first."""
    names = [*sorted(found.lost), *found.special]
    return tuple(shown_name(path) for path in names[:MOST_NAMED])
