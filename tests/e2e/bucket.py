"""The product's bucket, as a test reads, harms and closes it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from local.names import BUCKET
from tests.e2e.cloud import Cloud
from tests.e2e.product import Product


@dataclass(frozen=True)
class Bucket:
    client: Any

    @classmethod
    def of(cls, product: Product) -> Bucket:
        return cls(Cloud.of(product).client("s3"))

    def read(self) -> dict[str, bytes]:
        listed = self.client.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {each["Key"]: self.client.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in listed}

    def write(self, key: str, body: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=key, Body=body)

    def close(self) -> dict[str, bytes]:
        """From now on it refuses everything; what was in it."""
        held: dict[str, bytes] = {}
        while True:  # a backup may write meanwhile
            held |= self.read()
            for key in held:
                self.client.delete_object(Bucket=BUCKET, Key=key)
            with suppress(self.client.exceptions.ClientError):
                self.client.delete_bucket(Bucket=BUCKET)
                return held

    def open(self, held: dict[str, bytes]) -> None:
        self.client.create_bucket(Bucket=BUCKET)
        for key, body in held.items():
            self.write(key, body)
