"""S3: moto's, with every object on the disk before the request is answered. The bucket keeps no old versions."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, ClassVar

from moto.s3.models import FakeBucket, FakeKey, S3Backend, s3_backends

from local.store import SqliteStore, StoredObject

KEPT = ["_storage_class", "_etag", "checksum_value", "checksum_algorithm", "checksum_type", "checksum_parts"]


class DurableS3(S3Backend):
    """moto completes an object after it has stored it, so that what was touched is saved at the request's end."""

    store: ClassVar[SqliteStore]

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.touched: set[tuple[str, str]] = set()

    def create_bucket(self, bucket_name: str, *arguments: Any, **options: Any) -> FakeBucket:
        bucket = super().create_bucket(bucket_name, *arguments, **options)
        for stored in self.store.objects(bucket_name):
            bucket.keys.setlist(stored.key, [self._loaded(bucket_name, stored)])
        return bucket

    def put_object(self, bucket_name: str, key_name: str, *arguments: Any, **options: Any) -> FakeKey:
        self.touched.add((bucket_name, key_name))
        return super().put_object(bucket_name, key_name, *arguments, **options)

    def delete_object(self, bucket_name: str, key_name: str, *arguments: Any, **options: Any) -> Any:
        self.touched.add((bucket_name, key_name))
        return super().delete_object(bucket_name, key_name, *arguments, **options)

    def save(self) -> None:
        with self.store.transaction():
            for bucket_name, key_name in self.touched:
                if key := self._current(bucket_name, key_name):
                    self.store.put_object(bucket_name, _stored(key))
                else:
                    self.store.delete_object(bucket_name, key_name)
        self.touched.clear()

    def undo(self) -> None:
        """Back to what the disk holds."""
        for bucket_name, key_name in self.touched:
            keys = self.buckets[bucket_name].keys
            kept = [stored for stored in self.store.objects(bucket_name) if stored.key == key_name]
            if kept:
                keys.setlist(key_name, [self._loaded(bucket_name, kept[0])])
            elif key_name in keys:
                keys.pop(key_name)
        self.touched.clear()

    def _current(self, bucket_name: str, key_name: str) -> FakeKey | None:
        key = self.buckets[bucket_name].keys.get(key_name) if bucket_name in self.buckets else None
        return key if isinstance(key, FakeKey) else None

    def _loaded(self, bucket_name: str, stored: StoredObject) -> FakeKey:
        facts = json.loads(stored.facts)
        key = FakeKey(stored.key, stored.content, self.account_id, self.region_name, bucket_name=bucket_name)
        key.last_modified = datetime.fromisoformat(facts["last_modified"])
        key.set_metadata(facts["metadata"])
        for name in KEPT:
            setattr(key, name, facts[name])
        return key


def _stored(key: FakeKey) -> StoredObject:
    facts = {"last_modified": key.last_modified.isoformat(), "metadata": dict(key.metadata)}
    return StoredObject(key.name, json.dumps(facts | {name: getattr(key, name) for name in KEPT}), key.value)


def install(store: SqliteStore) -> None:
    """Make moto use this backend; before its first request."""
    DurableS3.store = store
    s3_backends.backend = DurableS3
