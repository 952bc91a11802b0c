"""Uploads by a form as S3 takes them: what the signed policy says, from the page's origin. moto asks for neither."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug import Request

from local.aws.access import Access
from local.aws.rights import asked_of_form
from local.names import BUCKET
from local.web import answer, read_body

ENVELOPE = {"policy", "x-amz-signature", "file"}  # fields that a policy does not name


def make_bucket(client: Any, origin: str) -> None:
    """The bucket, to which the page of this origin may post."""
    client.create_bucket(Bucket=BUCKET)
    rule = {"AllowedMethods": ["POST"], "AllowedOrigins": [origin], "AllowedHeaders": ["*"], "MaxAgeSeconds": 3000}
    if origin:
        client.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [rule]})


def is_form(environ: WSGIEnvironment) -> bool:
    return environ["REQUEST_METHOD"] == "POST" and str(environ.get("CONTENT_TYPE", "")).startswith("multipart/form")


def guarded(app: WSGIApplication, access: Access) -> WSGIApplication:
    """The page may read what its post is answered with, as the bucket's rule says; moto forgets that."""
    origin = access.origin

    def checked(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if not is_form(environ):
            return app(environ, start)
        readable = environ.get("HTTP_ORIGIN") == origin

        def begin(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, [*headers, *([("Access-Control-Allow-Origin", origin)] if readable else [])], *more)

        if refusal := _refusal(environ, access):
            return _refuse(begin, *refusal)
        return app(environ, begin)

    return checked


def _refuse(start: StartResponse, code: str, reason: str) -> Iterable[bytes]:
    body = f"<Error><Code>{code}</Code><Message>{reason}</Message></Error>".encode()
    return answer(start, 403 if code == "AccessDenied" else 400, body, {"Content-Type": "application/xml"})


def _refusal(environ: WSGIEnvironment, access: Access) -> tuple[str, str] | None:
    """S3's code and reason, if there is one."""
    body = read_body(environ)
    request = Request({**environ, "wsgi.input": io.BytesIO(body)})
    fields = {name.lower(): value for name, value in request.form.items()}
    file = request.files.get("file")
    size = len(file.read() if file else fields.get("file", "").encode())
    if not access.admits_form(fields, asked_of_form(fields)):
        return "AccessDenied", "the form has no policy that was signed by somebody who may do this"
    policy = json.loads(base64.b64decode(fields["policy"]))
    if datetime.fromisoformat(policy["expiration"]) < datetime.now(UTC):
        return "AccessDenied", "Invalid according to Policy: Policy expired."
    return next(_broken(policy["conditions"], {**fields, "bucket": BUCKET}, size), None)


def _broken(conditions: list[Any], fields: Mapping[str, str], size: int) -> Iterator[tuple[str, str]]:
    named = ENVELOPE | {"bucket"}
    for condition in conditions:
        if isinstance(condition, dict):
            ((name, wanted),) = condition.items()
            named.add(name.lower())
            if fields.get(name.lower()) != wanted:
                yield "AccessDenied", f"Invalid according to Policy: Policy Condition failed: {name}"
        elif condition[0] == "content-length-range":
            if size > condition[2]:
                yield "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"
            if size < condition[1]:
                yield "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"
    for extra in fields.keys() - named:
        yield "AccessDenied", f"Invalid according to Policy: Extra input fields: {extra}"
