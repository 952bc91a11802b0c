"""S3: the page's files, an image's source, and emptying a bucket that is to go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated, unless


@dataclass(frozen=True)
class Upload:
    key: str
    body: bytes
    kind: str
    caching: str


@dataclass(frozen=True)
class Bucket:
    name: str
    region: str


@dataclass(frozen=True)
class Buckets:
    client: Any

    def named(self, prefixes: tuple[str, ...]) -> list[Bucket]:
        """Of all regions."""
        with translated("listing the buckets"):
            names = [each["Name"] for each in self.client.list_buckets()["Buckets"]]
        return [Bucket(name, self._region(name)) for name in names if name.startswith(prefixes)]

    def _region(self, bucket: str) -> str:
        """S3 says nothing for its first region; empty when the bucket is gone by now."""
        with unless("NoSuchBucket"), translated(f"asking where {bucket} is"):
            return self.client.get_bucket_location(Bucket=bucket)["LocationConstraint"] or "us-east-1"
        return ""

    def put(self, bucket: str, upload: Upload) -> None:
        with translated(f"uploading {upload.key}"):
            self.client.put_object(
                Bucket=bucket,
                Key=upload.key,
                Body=upload.body,
                ContentType=upload.kind,
                CacheControl=upload.caching,
            )

    def get(self, bucket: str, key: str) -> bytes | None:
        with unless("NoSuchKey", "NoSuchBucket"), translated(f"reading {key}"):
            body: bytes = self.client.get_object(Bucket=bucket, Key=key)["Body"].read()
            return body
        return None

    def has(self, bucket: str, key: str) -> bool:
        with unless("404", "NoSuchKey", "NotFound"), translated(f"looking for {key}"):
            self.client.head_object(Bucket=bucket, Key=key)
            return True
        return False

    def empty(self, bucket: str, prefix: str = "") -> None:
        """Every version of every object."""
        with unless("NoSuchBucket"), translated(f"emptying {bucket}"):
            for page in self.client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
                found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                named = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
                if named:
                    self.client.delete_objects(Bucket=bucket, Delete={"Objects": named, "Quiet": True})

    def delete(self, bucket: str) -> None:
        self.empty(bucket)
        with unless("NoSuchBucket"), translated(f"deleting {bucket}"):
            self.client.delete_bucket(Bucket=bucket)
