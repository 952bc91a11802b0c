"""What S3 compares before it takes a body or ends an upload in parts, and moto does not: checksums, kinds, order."""

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from xml.etree import ElementTree as Xml

from moto.s3.models import s3_backends

from local.names import ACCOUNT
from local.web import answer, read_body

Refusal = tuple[str, str]  # S3's code and words


def _crc32(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(4, "big")


def _md5(body: bytes) -> bytes:
    return hashlib.md5(body, usedforsecurity=False).digest()


CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = {
    "content-md5": _md5,
    "x-amz-checksum-crc32": _crc32,
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
}
KIND = "x-amz-checksum-"
STREAMED = "STREAMING-"  # begins the hash of a body that comes in chunks, with its checksum behind them
NOT_FOUND = "One or more of the specified parts could not be found."
NOT_ASCENDING = "The list of parts was not in ascending order."


def compared(app: WSGIApplication) -> WSGIApplication:
    def comparing(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if (refusal := _refusal(environ)) is None:
            return app(environ, start)
        body = "<Error><Code>{}</Code><Message>{}</Message></Error>".format(*refusal).encode()
        return answer(start, 400, body, {"Content-Type": "application/xml"})

    return comparing


def _refusal(environ: WSGIEnvironment) -> Refusal | None:
    query = parse_qs(str(environ.get("QUERY_STRING", "")))
    upload = _upload(environ, query["uploadId"][0]) if "uploadId" in query else None
    if environ["REQUEST_METHOD"] == "POST" and "uploadId" in query:
        return _of_completion(environ, upload)
    headers = {name: str(environ.get(_variable(name), "")) for name in CHECKSUMS}
    body = read_body(environ)
    if str(environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")).startswith(STREAMED):
        body, trailer = _unchunked(body)
        headers |= trailer
    for name, checksum in CHECKSUMS.items():
        if headers[name] and headers[name] != _text(checksum(body)):
            return "BadDigest", f"The {name} you specified did not match the calculated checksum."
    return _of_part(headers, upload) if upload and environ["REQUEST_METHOD"] == "PUT" else None


def _upload(environ: WSGIEnvironment, upload_id: str) -> Any:
    """As moto keeps it; None where there is none."""
    bucket = str(environ["PATH_INFO"]).lstrip("/").partition("/")[0]
    kept: Any = s3_backends[ACCOUNT]["aws"].buckets.get(bucket)
    return kept and kept.multiparts.get(upload_id)


def _of_part(headers: Mapping[str, str], upload: Any) -> Refusal | None:
    sent = next((name.removeprefix(KIND) for name in headers if name.startswith(KIND) and headers[name]), "null")
    wanted = str(upload.metadata.get("x-amz-checksum-algorithm") or "null").lower()
    if sent == wanted:
        return None
    words = f"Checksum Type mismatch occurred, expected checksum Type: {wanted}, actual checksum Type: {sent}"
    return "InvalidRequest", words


def _variable(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def _text(checksum: bytes) -> str:
    return base64.b64encode(checksum).decode()


def _unchunked(sent: bytes) -> tuple[bytes, dict[str, str]]:
    """The body, and the headers that came after it."""
    lines, body = io.BytesIO(sent), b""
    while size := int(lines.readline().partition(b";")[0], 16):
        body += lines.read(size)
        lines.readline()
    fields = (line.decode().partition(":") for line in lines)
    return body, {name.strip().lower(): value.strip() for name, _, value in fields}


def _of_completion(environ: WSGIEnvironment, upload: Any) -> Refusal | None:
    """moto compares the tags and sizes of the parts."""
    parts = Xml.fromstring(read_body(environ)).findall("{*}Part")
    numbers = [int(part.findtext("{*}PartNumber", "")) for part in parts]
    if numbers != sorted(set(numbers)):
        return "InvalidPartOrder", NOT_ASCENDING
    for number, part in zip(numbers, parts, strict=True):
        told, sent = part.findtext("{*}ChecksumCRC32"), upload and upload.parts.get(number)
        if told and sent and told != _text(_crc32(sent.value)):
            return "InvalidPart", NOT_FOUND
    return None
