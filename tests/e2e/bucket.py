"""The product's bucket, as a test reads, harms and closes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from local.names import BUCKET
from tests.e2e.cloud import Cloud
from tests.e2e.product import Product, wait_for


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
        wait_for(lambda: self._is_gone(held), "a bucket into which nobody writes just now")
        return held

    def _is_gone(self, held: dict[str, bytes]) -> bool:
        """False when a backup has written meanwhile; `held` gets what was in it."""
        held |= self.read()
        for key in held:
            self.client.delete_object(Bucket=BUCKET, Key=key)
        try:
            self.client.delete_bucket(Bucket=BUCKET)
        except ClientError as error:
            if error.response["Error"]["Code"] != "BucketNotEmpty":
                raise
            return False
        return True

    def open(self, held: dict[str, bytes]) -> None:
        self.client.create_bucket(Bucket=BUCKET)
        for key, body in held.items():
            self.write(key, body)
