"""What the embedded S3 takes: bodies that are what they say they are, uploads whose parts are those that were sent."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from chalicelib.adapters.s3 import S3Objects
from local.names import BUCKET
from tests.local.conftest import KEYS, EmbeddedAws

KEY = "users/ada/note"
BODY = b"what was meant"
LARGE = bytes(5 * 1024 * 1024)  # a part that is not the last has at least as much


def crc32(body: bytes) -> str:
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()


def sha256(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


def code(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ClientError) as refused:
        call()
    answered = refused.value.response
    return answered["ResponseMetadata"]["HTTPStatusCode"], answered["Error"]["Code"]


@pytest.mark.parametrize(("name", "of"), [("ContentMD5", md5), ("ChecksumCRC32", crc32), ("ChecksumSHA256", sha256)])
def test_a_body_that_is_not_what_its_checksum_says_is_refused(
    aws: EmbeddedAws, name: str, of: Callable[[bytes], str]
) -> None:
    s3, at = aws.client("s3"), {"Bucket": BUCKET, "Key": KEY}
    s3.put_object(**at, Body=BODY, **{name: of(BODY)})
    assert code(lambda: s3.put_object(**at, Body=BODY + b"!", **{name: of(BODY)})) == (400, "BadDigest")
    assert s3.get_object(**at)["Body"].read() == BODY


def streamed(aws: EmbeddedAws, body: bytes, checksum: str, ending: str) -> requests.Response:
    """As a client sends it that learns the checksum while it sends."""
    signed = f"AWS4-HMAC-SHA256 Credential={KEYS.id}/20260101/us-east-1/s3/aws4_request"
    chunks = b"".join(b"%x%s\r\n%s\r\n" % (len(each), ending.encode(), each) for each in (body[:5], body[5:], b""))
    return requests.put(
        f"{aws.endpoint}/{BUCKET}/{KEY}",
        data=chunks.removesuffix(b"\r\n") + f"x-amz-checksum-crc32:{checksum}\r\n\r\n".encode(),
        headers={
            "Authorization": signed,
            "Content-Encoding": "aws-chunked",
            "X-Amz-Content-SHA256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
            if ending
            else "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "X-Amz-Decoded-Content-Length": str(len(body)),
            "X-Amz-Trailer": "x-amz-checksum-crc32",
        },
        timeout=5,
    )


@pytest.mark.parametrize("ending", ["", ";chunk-signature=" + "0" * 64], ids=["unsigned", "signed"])
def test_a_checksum_that_comes_after_the_body_counts_too(aws: EmbeddedAws, ending: str) -> None:
    good = b"one\r\n\r\n0\r\nbody"
    assert streamed(aws, good, crc32(good), ending).status_code == 200
    refused = streamed(aws, b"another body", crc32(good), ending)
    assert (refused.status_code, "<Code>BadDigest</Code>" in refused.text) == (400, True)
    assert aws.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read() == good


class Upload:
    """One in parts."""

    def __init__(self, aws: EmbeddedAws, *parts: bytes, **options: Any) -> None:
        self.s3 = aws.client("s3")
        at = {"Bucket": BUCKET, "Key": "in parts"}
        self.at = {**at, "UploadId": self.s3.create_multipart_upload(**at, **options)["UploadId"]}
        self.tags = [self.add(number, body) for number, body in enumerate(parts, 1)]

    def add(self, number: int, body: bytes, **options: Any) -> str:
        tag: str = self.s3.upload_part(**self.at, PartNumber=number, Body=body, **options)["ETag"]
        return tag

    def finish(self, *parts: dict[str, Any]) -> None:
        self.s3.complete_multipart_upload(**self.at, MultipartUpload={"Parts": list(parts)})

    def part(self, number: int, **other: Any) -> dict[str, Any]:
        return {"PartNumber": number, "ETag": self.tags[number - 1], **other}


def test_a_part_that_is_not_what_its_checksum_says_is_refused(aws: EmbeddedAws) -> None:
    upload = Upload(aws)
    assert code(lambda: upload.add(1, BODY, ChecksumCRC32=crc32(b""))) == (400, "BadDigest")
    assert "Parts" not in upload.s3.list_parts(**upload.at)


def test_an_upload_is_of_the_parts_that_were_sent_in_their_order(aws: EmbeddedAws) -> None:
    upload = Upload(aws, LARGE, BODY, ChecksumAlgorithm="CRC32")
    one, two = upload.part(1), upload.part(2)
    assert code(lambda: upload.finish(one, {**two, "ETag": one["ETag"]})) == (400, "InvalidPart")
    assert code(lambda: upload.finish(one, {**two, "PartNumber": 3})) == (400, "InvalidPart")
    assert code(
        lambda: upload.finish({**one, "ChecksumCRC32": crc32(LARGE)}, {**two, "ChecksumCRC32": crc32(b"")})
    ) == (
        400,
        "InvalidPart",
    )
    assert code(lambda: upload.finish(two, one)) == (400, "InvalidPartOrder")
    upload.finish({**one, "ChecksumCRC32": crc32(LARGE)}, {**two, "ChecksumCRC32": crc32(BODY)})
    assert upload.s3.head_object(Bucket=BUCKET, Key="in parts")["ContentLength"] == len(LARGE) + len(BODY)


def test_only_the_last_part_may_be_small(aws: EmbeddedAws) -> None:
    upload = Upload(aws, LARGE[1:], BODY, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    assert code(lambda: upload.finish(upload.part(1), upload.part(2))) == (400, "EntityTooSmall")


def test_parts_have_the_kind_of_checksum_that_the_upload_was_begun_with(aws: EmbeddedAws) -> None:
    """boto3 gives each part a CRC32 without being asked, and S3 refuses it in an upload that was begun without."""
    upload = Upload(aws)
    assert code(lambda: upload.add(1, BODY)) == (400, "InvalidRequest")


def test_what_the_product_puts_together_of_parts_is_taken(aws: EmbeddedAws) -> None:
    objects = S3Objects(lambda: aws.client("s3"), BUCKET)
    upload = objects.begin("downloads/ada/1.tar")
    parts = {1: objects.add_part("downloads/ada/1.tar", upload, 1, LARGE)}
    parts[2] = objects.add_part("downloads/ada/1.tar", upload, 2, BODY)
    assert objects.parts("downloads/ada/1.tar", upload) == parts
    objects.finish("downloads/ada/1.tar", upload, parts)
    assert objects.size("downloads/ada/1.tar") == len(LARGE) + len(BODY)
