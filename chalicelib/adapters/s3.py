"""The data bucket: conditional writes, and downloads by presigned address."""

from __future__ import annotations

import http
import urllib.parse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.clients import make_client
from chalicelib.domain.attachment import File
from chalicelib.domain.generations import Stored
from chalicelib.errors import ConditionFailed, StorageUnavailable
from chalicelib.ports import Blob, Form, Head

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_s3 import S3Client

# The bucket's own host in its own region: the global one redirects for a day, and never knows regions after 2019.
ADDRESSES: Mapping[str, Any] = {
    "signature_version": "s3v4",
    "s3": {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
}
NAME = "name"  # of the metadata, percent-encoded: S3 takes ASCII only
PASSES = "<Tagging><TagSet><Tag><Key>kind</Key><Value>upload</Value></Tag></TagSet></Tagging>"  # a rule of the bucket
MISSING = {"NoSuchKey", "404", "NoSuchUpload"}  # "404" is all a HEAD says; NoSuchBucket is not among them
NOT_SO = {"PreconditionFailed", "412"}


def connect(session: boto3.session.Session | None = None, *, read: int = 6, connections: int = 10) -> S3Client:
    """For addresses that work in every region. `session`: whose credentials; `connections`: how many it keeps.

    `read`: seconds for each answer; as it is, a function hears it before API Gateway gives up.
    """
    from botocore.config import Config  # noqa: PLC0415  with boto3, which only some events need

    own = Config(max_pool_connections=connections, **ADDRESSES)
    client: S3Client = make_client("s3", session, read=read, config=own)
    return client


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
        found = self.head(key)
        return found.size if found else None

    def head(self, key: str) -> Head | None:
        try:
            with _translated(f"looking for {key}"):
                found = self.client.head_object(Bucket=self.bucket, Key=key)
                name = urllib.parse.unquote(found["Metadata"].get(NAME, ""))
                return Head(found["ContentLength"], found["ContentType"], name)
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

    def form(self, key: str, file: File, lifetime: timedelta) -> Form:
        name = urllib.parse.quote(file.name)
        fields = {"Content-Type": file.mime_type, f"x-amz-meta-{NAME}": name, "tagging": PASSES}
        conditions = [*({each: value} for each, value in fields.items()), ["content-length-range", 1, file.size]]
        form = self.client.generate_presigned_post(
            self.bucket, key, Fields=dict(fields), Conditions=conditions, ExpiresIn=round(lifetime.total_seconds())
        )
        return Form(form["url"], form["fields"])

    def begin(self, key: str) -> str:
        with _translated(f"uploading {key}"):
            found = self.client.list_multipart_uploads(Bucket=self.bucket, Prefix=key).get("Uploads", [])
            if under_way := [each["UploadId"] for each in found if each["Key"] == key]:
                return under_way[0]
            # Its parts carry boto3's own checksums, which S3 refuses in an upload that was begun without.
            whole: Any = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}
            return self.client.create_multipart_upload(Bucket=self.bucket, Key=key, **whole)["UploadId"]

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
