"""One user's backups in the bucket: the manifest that is replaced conditionally, and immutable objects by hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.generations import Manifest, decode_manifest, encode_manifest, garbage
from chalicelib.domain.listing import PACK, Listing, decode_listing, encode_listing, inflated
from chalicelib.errors import ConditionFailed, DamagedBackup, Fenced
from chalicelib.ports import Blob, Objects

CLAIMS = 5  # tries, each against a writer of an older epoch that is just finishing


@dataclass(frozen=True)
class Held:
    """The manifest as it is in the bucket; `etag` is None where there is none yet."""

    manifest: Manifest
    etag: str | None


@dataclass(frozen=True)
class BackupBucket:
    user_id: str
    objects: Objects

    @property
    def root(self) -> str:
        assert "/" not in self.user_id, "a user's name must not lead into another's keys"
        return f"users/{self.user_id}/"

    @property
    def prefix(self) -> str:
        return f"{self.root}state/"

    @property
    def manifest_key(self) -> str:
        return f"{self.prefix}manifest.json"

    def pack_key(self, pack: str) -> str:
        return f"{self.prefix}packs/{pack}"

    def listing_key(self, listing: str) -> str:
        return f"{self.prefix}generations/{listing}"

    def read(self) -> Held:
        """Raises DamagedBackup, StorageUnavailable; no manifest is a user who has no backup yet."""
        found = self.objects.get(self.manifest_key)
        return Held(decode_manifest(found.body), found.etag) if found else Held(Manifest(), None)

    def claim(self, epoch: int) -> Held:
        """From now on no older epoch can write. Raises Fenced when a newer one already has claimed it."""
        for _ in range(CLAIMS):
            held = self.read()
            try:
                return self.publish(held, held.manifest.claimed(epoch), epoch)
            except ConditionFailed:
                continue  # an older epoch has just finished a backup: have that one
        raise Fenced("somebody else keeps writing the manifest")

    def publish(self, held: Held, manifest: Manifest, epoch: int) -> Held:
        """Replaces the manifest we hold. Raises ConditionFailed when it is not the one in the bucket any more."""
        claimed = manifest.claimed(epoch)
        body = encode_manifest(claimed)
        try:
            return Held(claimed, self.objects.replace(self.manifest_key, body, held.etag))
        except ConditionFailed:
            found = self.objects.get(self.manifest_key)
            if found is None or found.body != body:
                raise
            return Held(claimed, found.etag)  # ours: an earlier try was done and its answer lost

    def holds(self, held: Held) -> bool:
        """Is this manifest really what a start would find?"""
        found = self.objects.get(self.manifest_key)
        return found is not None and found.body == encode_manifest(held.manifest)

    def put_pack(self, stored: bytes) -> str:
        pack = hashlib.sha256(stored).hexdigest()
        self.objects.put(self.pack_key(pack), stored)
        return pack

    def put_listing(self, listing: Listing) -> str:
        stored = encode_listing(listing)
        name = hashlib.sha256(stored).hexdigest()
        self.objects.put(self.listing_key(name), stored)
        return name

    def pack(self, name: str) -> bytes:
        """Its content. Raises DamagedBackup when it is missing or not what was stored."""
        return inflated(self._verified(self.pack_key(name), name), PACK)

    def listing(self, name: str) -> Listing:
        return decode_listing(self._verified(self.listing_key(name), name))

    def sweep(self, manifest: Manifest, now: datetime) -> None:
        """Deletes what no kept point needs. Only with a manifest that is in the bucket: it says what is kept."""
        live = {self.manifest_key}
        for point in manifest.points:
            live |= {self.listing_key(point.listing)}
            live |= {self.pack_key(pack) for pack in self.listing(point.listing).live()}
        self.objects.delete(garbage(self.objects.list(self.prefix), live, now))

    def _verified(self, key: str, sha256: str) -> bytes:
        found: Blob | None = self.objects.get(key)
        if found is None:
            raise DamagedBackup(f"{key} is missing")
        if hashlib.sha256(found.body).hexdigest() != sha256:
            raise DamagedBackup(f"{key} is not what was stored there")
        return found.body
