"""A page's upload to the embedded AWS: what the form allows and nothing else, as S3 would have it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from chalicelib.adapters.s3 import ADDRESSES, S3Objects
from chalicelib.domain.attachment import File
from chalicelib.ports import Form, Head
from local.names import BUCKET, REGION
from tests.local.conftest import KEYS, EmbeddedAws

ORIGIN = "http://localhost:8787"
LOG = "오류 ✗ 한 줄\n".encode() * 20_000
FILE = File("1", "로그 1.txt", "text/plain", len(LOG))
KEY = "users/owner/uploads/1"
QUARTER = timedelta(minutes=15)


@pytest.fixture(scope="module")
def bucket_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    running = EmbeddedAws(tmp_path_factory.mktemp("forms"), WEB_ORIGIN=ORIGIN, MOTO_DISABLE_GLOBAL_CORS="true")
    yield running
    running.end()


def bucket_of(aws: EmbeddedAws) -> S3Objects:
    keys = {"aws_access_key_id": KEYS.id, "aws_secret_access_key": KEYS.secret}
    make: Any = boto3.client
    signed = Config(**ADDRESSES)  # as the API's function signs
    return S3Objects(lambda: make("s3", endpoint_url=aws.endpoint, region_name=REGION, config=signed, **keys), BUCKET)


@pytest.fixture
def objects(bucket_aws: EmbeddedAws) -> S3Objects:
    return bucket_of(bucket_aws)


def post(form: Form, content: bytes, **changes: str) -> requests.Response:
    files: dict[str, Any] = {name: (None, value) for name, value in {**form.fields, **changes}.items()}
    files["file"] = ("blob", content, "text/plain")
    return requests.post(form.url, files=files, headers={"Origin": ORIGIN}, timeout=10)


def test_what_was_posted_is_what_is_read(objects: S3Objects) -> None:
    answered = post(objects.form(KEY, FILE, QUARTER), LOG)

    assert (answered.status_code, answered.headers["Access-Control-Allow-Origin"]) == (204, ORIGIN), answered.text
    found = objects.get(KEY)
    assert found and found.body == LOG
    assert objects.head(KEY) == Head(len(LOG), "text/plain", "로그 1.txt")


def test_an_upload_survives_the_end_of_the_program(tmp_path: Path) -> None:
    aws = EmbeddedAws(tmp_path, WEB_ORIGIN=ORIGIN)
    post(bucket_of(aws).form(KEY, FILE, QUARTER), LOG)
    aws.kill()
    again = EmbeddedAws(tmp_path, WEB_ORIGIN=ORIGIN)
    found = bucket_of(again)
    assert found.head(KEY) == Head(len(LOG), "text/plain", "로그 1.txt")
    again.end()


@pytest.mark.parametrize(
    ("changes", "content", "code"),
    [
        ({"key": "users/bob/uploads/1"}, LOG, "AccessDenied"),
        ({"Content-Type": "text/html"}, LOG, "AccessDenied"),
        ({"x-amz-meta-name": "other.txt"}, LOG, "AccessDenied"),
        ({"acl": "public-read"}, LOG, "AccessDenied"),
        ({"policy": ""}, LOG, "AccessDenied"),
        ({}, LOG + b".", "EntityTooLarge"),
        ({}, b"", "EntityTooSmall"),
    ],
)
def test_what_the_form_was_not_signed_for_is_refused(
    objects: S3Objects, changes: dict[str, str], content: bytes, code: str
) -> None:
    key = "users/owner/uploads/2"
    answered = post(objects.form(key, FILE, QUARTER), content, **changes)
    assert answered.status_code in (400, 403)
    assert f"<Code>{code}</Code>" in answered.text
    assert objects.head(key) is None


def test_a_form_is_good_for_its_time(objects: S3Objects) -> None:
    assert "Policy expired" in post(objects.form(KEY, FILE, timedelta(seconds=-5)), LOG).text


@pytest.mark.parametrize(("origin", "status"), [(ORIGIN, 200), ("http://evil.example", 403)])
def test_the_page_may_post_and_see_the_progress_and_no_other_page_may(
    objects: S3Objects, origin: str, status: int
) -> None:
    """A browser asks first when somebody listens to the progress of an upload."""
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    answered = requests.options(objects.form(KEY, FILE, QUARTER).url, headers=asked, timeout=5)
    assert answered.status_code == status
    assert answered.headers.get("Access-Control-Allow-Origin") == (origin if status == 200 else None)
