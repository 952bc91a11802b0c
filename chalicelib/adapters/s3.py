"""The data bucket: conditional writes, and downloads by presigned address."""

from __future__ import annotations

import http
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.generations import Stored
from chalicelib.errors import ConditionFailed, StorageUnavailable
from chalicelib.ports import Blob

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MISSING = {"NoSuchKey", "404", "NoSuchUpload"}  # "404" is all a HEAD says; NoSuchBucket is not among them
NOT_SO = {"PreconditionFailed", "412"}


def connect() -> S3Client:
    """For a Lambda: answers before API Gateway gives up, and addresses that work in every region."""
    import boto3  # noqa: PLC0415  124 ms, which an event that needs no object should not pay
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client("s3", config=Config(signature_version="s3v4", connect_timeout=2, read_timeout=10))


@dataclass(frozen=True)
class S3Objects:
    connect: Callable[[], S3Client]
    bucket: str
    page: int = 1000  # keys in one answer, or in one request to delete; S3 has no larger ones

    @cached_property
    def client(self) -> S3Client:
        return self.connect()

    def get(self, key: str) -> Blob | None:
        try:
            with _translated(f"reading {key}"):
                answer = self.client.get_object(Bucket=self.bucket, Key=key)
                return Blob(answer["Body"].read(), answer["ETag"])
        except _Absent:
            return None
        except _Denied as error:
            self._refuse_unless_missing(key, error)
            return None

    def put(self, key: str, body: bytes) -> None:
        with _translated(f"writing {key}"):
            self.client.put_object(Bucket=self.bucket, Key=key, Body=body)

    def put_file(self, key: str, body: bytes, name: str, mime_type: str) -> None:
        shown = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
        with _translated(f"writing {key}"):
            self.client.put_object(
                Bucket=self.bucket, Key=key, Body=body, ContentType=mime_type, ContentDisposition=shown
            )

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        condition: Any = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
        try:
            with _translated(f"replacing {key}"):
                return self.client.put_object(Bucket=self.bucket, Key=key, Body=body, **condition)["ETag"]
        except _Absent:
            raise ConditionFailed(f"{key} is gone") from None

    def size(self, key: str) -> int | None:
        try:
            with _translated(f"looking for {key}"):
                return self.client.head_object(Bucket=self.bucket, Key=key)["ContentLength"]
        except _Absent:
            return None
        except _Denied as error:
            self._refuse_unless_missing(key, error)
            return None

    def list(self, prefix: str) -> Iterator[Stored]:
        with _translated(f"listing {prefix}"):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix, PaginationConfig={"PageSize": self.page}
            )
            for page in pages:
                for each in page.get("Contents", []):
                    yield Stored(each["Key"], each["LastModified"])

    def delete(self, keys: Sequence[str]) -> None:
        for at in range(0, len(keys), self.page):
            named: Any = [{"Key": key} for key in keys[at : at + self.page]]
            with _translated(f"deleting {len(named)} objects"):
                self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": named, "Quiet": True})

    def _refuse_unless_missing(self, key: str, error: StorageUnavailable) -> None:
        """A listing is allowed, and knows; raises the error when it has the object."""
        if any(each.key == key for each in self.list(key)):
            raise error

    def presign(self, key: str, filename: str | None, lifetime: timedelta) -> str:
        shown = {"ResponseContentDisposition": f'attachment; filename="{filename}"'} if filename else {}
        asked = {"Bucket": self.bucket, "Key": key, **shown}
        return self.client.generate_presigned_url("get_object", Params=asked, ExpiresIn=round(lifetime.total_seconds()))

    def begin(self, key: str) -> str:
        with _translated(f"uploading {key}"):
            found = self.client.list_multipart_uploads(Bucket=self.bucket, Prefix=key).get("Uploads", [])
            if under_way := [each["UploadId"] for each in found if each["Key"] == key]:
                return under_way[0]
            return self.client.create_multipart_upload(Bucket=self.bucket, Key=key)["UploadId"]

    def parts(self, key: str, upload: str) -> Mapping[int, str]:
        with _translated(f"uploading {key}"):
            pages = self.client.get_paginator("list_parts").paginate(Bucket=self.bucket, Key=key, UploadId=upload)
            return {part["PartNumber"]: part["ETag"] for page in pages for part in page.get("Parts", [])}

    def add_part(self, key: str, upload: str, number: int, body: bytes) -> str:
        with _translated(f"uploading {key}"):
            place: Any = {"Bucket": self.bucket, "Key": key, "UploadId": upload}
            return self.client.upload_part(PartNumber=number, Body=body, **place)["ETag"]

    def finish(self, key: str, upload: str, parts: Mapping[int, str]) -> None:
        named: Any = [{"PartNumber": number, "ETag": tag} for number, tag in sorted(parts.items())]
        with _translated(f"uploading {key}"):
            place: Any = {"Bucket": self.bucket, "Key": key, "UploadId": upload}
            self.client.complete_multipart_upload(MultipartUpload={"Parts": named}, **place)


class _Absent(StorageUnavailable):
    """S3 says that there is no such object."""


class _Denied(StorageUnavailable):
    """S3 does not say whether there is one: to who may list only some prefixes, a missing object is forbidden."""


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"].get("Code", "")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        if code in MISSING and status == http.HTTPStatus.NOT_FOUND:
            raise _Absent(doing) from error
        if status == http.HTTPStatus.FORBIDDEN:
            raise _Denied(f"S3 forbids {doing}: {error}") from error
        if code in NOT_SO:
            raise ConditionFailed(f"{doing}: somebody else was faster") from error
        raise StorageUnavailable(f"S3 refused, {doing}: {error}") from error
    except (BotoCoreError, OSError) as error:  # OSError: the connection broke while a body was read
        raise StorageUnavailable(f"S3 does not answer, {doing}: {error}") from error
