"""The manifest as this epoch owns it: claimed once, then replaced only where it is still the one we wrote."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.backup_bucket import BackupBucket, Held
from chalicelib.domain.generations import Manifest, encode_manifest
from chalicelib.errors import ConditionFailed


@dataclass
class Ledger:
    bucket: BackupBucket
    epoch: int
    _held: Held | None = None
    _attempt: Manifest | None = None  # asked for, and no answer came: it may be in the bucket

    @property
    def manifest(self) -> Manifest:
        assert self._held is not None, "not claimed yet"
        return self._held.manifest

    def claim(self) -> Manifest:
        """Raises Fenced when a newer epoch has claimed it, DamagedBackup, StorageUnavailable."""
        self._held = self.bucket.claim(self.epoch)
        return self.manifest

    def replace(self, manifest: Manifest) -> None:
        """Raises ConditionFailed when somebody else has replaced ours, StorageUnavailable."""
        self._settle()
        assert self._held is not None
        self._attempt = manifest
        self._held = self.bucket.publish(self._held, manifest, self.epoch)
        self._attempt = None

    def holds(self) -> bool:
        """Is ours the one that a start would find?"""
        return self._held is not None and self.bucket.holds(self._held)

    def _settle(self) -> None:
        """Was the last attempt done after all?"""
        if self._attempt is None or self._held is None:
            return
        found = self.bucket.read()
        if found.etag == self._held.etag:
            return
        if encode_manifest(found.manifest) != encode_manifest(self._attempt):
            raise ConditionFailed("the manifest is neither the one we had nor the one we tried to write")
        self._held = found
