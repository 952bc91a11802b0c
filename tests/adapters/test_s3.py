"""What every `Objects` must do: conditions hold, absence is told from refusal, uploads in parts add up."""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from chalicelib.adapters import s3
from chalicelib.adapters.s3 import S3Objects
from chalicelib.domain.attachment import File
from chalicelib.errors import ConditionFailed, StorageUnavailable
from chalicelib.ports import Head, Objects
from tests.fakes.models import share_models
from tests.fakes.objects import MemoryObjects
from tests.test_boundaries import sources

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "data"
REGION = "us-east-1"
FILE = File("1", "로그.txt", "text/plain", 300_000)
MB = 1024 * 1024
share_models()
_numbers = count(1)


@cache
def client() -> S3Client:
    """One for all tests: making it takes longer than most of them."""
    return boto3.client("s3", region_name=REGION, config=Config(retries={"max_attempts": 1}))


@pytest.fixture(params=["memory", "s3"])
def objects(request: pytest.FixtureRequest) -> Objects:
    if request.param == "memory":
        return MemoryObjects(lambda: datetime.now(UTC))
    request.getfixturevalue("moto")
    bucket = f"{BUCKET}-{next(_numbers)}"
    client().create_bucket(Bucket=bucket)
    client().put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})  # as in base.yaml
    return S3Objects(client, bucket, page=3)


class RawResponse(BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self.read()


@contextmanager
def stubbed() -> Iterator[tuple[S3Objects, Stubber]]:
    """Objects whose answers are given in advance."""
    with Stubber(client()) as answers:
        yield S3Objects(client, BUCKET), answers


def test_what_was_put_is_got(objects: Objects) -> None:
    objects.put("a/b", b"\0text")

    found = objects.get("a/b")

    assert found and found.body == b"\0text" and found.etag
    assert objects.size("a/b") == 5


def test_what_was_never_put_is_none(objects: Objects) -> None:
    assert objects.get("a") is None
    assert objects.size("a") is None


def test_the_first_writer_of_a_new_object_wins(objects: Objects) -> None:
    objects.replace("m", b"1", None)

    with pytest.raises(ConditionFailed):
        objects.replace("m", b"2", None)

    found = objects.get("m")
    assert found and found.body == b"1"


def test_an_object_is_replaced_by_who_knows_its_tag(objects: Objects) -> None:
    first = objects.replace("m", b"1", None)

    second = objects.replace("m", b"2", first)

    assert second != first
    with pytest.raises(ConditionFailed):
        objects.replace("m", b"3", first)
    found = objects.get("m")
    assert found and (found.body, found.etag) == (b"2", second)


def test_what_is_gone_cannot_be_replaced(objects: Objects) -> None:
    tag = objects.replace("m", b"1", None)
    objects.delete(["m"])
    with pytest.raises(ConditionFailed):
        objects.replace("m", b"2", tag)


def test_what_was_deleted_is_gone_whatever_it_was_before_and_can_be_made_anew(objects: Objects) -> None:
    """The bucket keeps old versions for a month: nothing of ours reads them."""
    for body in (b"1", b"2"):
        objects.put("m", body)
    objects.delete(["m"])
    assert (objects.get("m"), objects.size("m"), objects.head("m"), list(objects.list(""))) == (None, None, None, [])

    objects.replace("m", b"3", None)

    found = objects.get("m")
    assert found and found.body == b"3"


def test_a_listing_tells_all_keys_under_a_prefix_and_their_time(objects: Objects) -> None:
    for number in range(7):  # more than two pages
        objects.put(f"a/{number:04d}", b"")
    objects.put("b/0", b"")

    found = list(objects.list("a/"))

    assert [each.key for each in found] == [f"a/{number:04d}" for number in range(7)]
    assert abs(found[0].modified_at - datetime.now(UTC)) < timedelta(minutes=5)


def test_deleting_takes_any_number_also_of_what_is_not_there(objects: Objects) -> None:
    objects.put("a", b"")
    objects.delete([])
    objects.delete(["a", *(f"none/{number}" for number in range(4))])
    assert list(objects.list("")) == []


def test_an_upload_in_parts_goes_on_where_another_call_ended(objects: Objects) -> None:
    first = objects.begin("big")
    objects.add_part("big", first, 1, b"1" * 5 * MB)

    again = objects.begin("big")
    done = dict(objects.parts("big", again))
    assert (again, sorted(done)) == (first, [1])
    done[2] = objects.add_part("big", again, 2, b"2")
    objects.finish("big", again, done)

    found = objects.get("big")
    assert found and found.body == b"1" * 5 * MB + b"2"


def test_a_presigned_address_names_the_file(objects: Objects) -> None:
    address = objects.presign("users/ada/x", "backup.tar", timedelta(minutes=5))
    assert "users/ada/x" in address
    assert "backup.tar" in urllib.parse.unquote(address)


def test_a_bucket_that_is_not_there_is_no_missing_object(moto: None) -> None:
    objects = S3Objects(client, "another")
    for call in (lambda: objects.get("m"), lambda: objects.put("m", b""), lambda: list(objects.list(""))):
        with pytest.raises(StorageUnavailable):
            call()


@pytest.mark.parametrize(
    ("code", "status"), [("ConditionalRequestConflict", 409), ("SlowDown", 503), ("InternalError", 500)]
)
def test_a_refusal_is_neither_absence_nor_a_lost_race(moto: None, code: str, status: int) -> None:
    with stubbed() as (objects, answers):
        for call in ("get_object", "put_object"):
            answers.add_client_error(call, code, http_status_code=status)
        with pytest.raises(StorageUnavailable):
            objects.get("m")
        with pytest.raises(StorageUnavailable):
            objects.replace("m", b"1", "tag")


@pytest.mark.parametrize("listed", [["m"], ["m2"], [], None])
def test_what_is_forbidden_is_missing_only_when_a_listing_says_so(moto: None, listed: list[str] | None) -> None:
    """S3 forbids reading what is not there to a role that may list its own prefix only."""
    with stubbed() as (objects, answers):
        answers.add_client_error("get_object", "AccessDenied", http_status_code=403)
        if listed is None:
            answers.add_client_error("list_objects_v2", "AccessDenied", http_status_code=403)
        else:
            found = [{"Key": key, "LastModified": datetime.now(UTC)} for key in listed]
            answers.add_response("list_objects_v2", {"Contents": found})
        if listed in ([], ["m2"]):
            assert objects.get("m") is None
        else:
            with pytest.raises(StorageUnavailable):
                objects.get("m")


def test_a_forbidden_size_is_asked_of_the_listing_too(moto: None) -> None:
    with stubbed() as (objects, answers):
        answers.add_client_error("head_object", "403", http_status_code=403)
        answers.add_response("list_objects_v2", {})
        assert objects.size("m") is None


def test_silence_is_a_refusal() -> None:
    class Silent:
        def get_object(self, **_: str) -> None:
            raise EndpointConnectionError(endpoint_url="https://s3.test")

    objects = S3Objects(Silent, BUCKET)  # type: ignore[arg-type]
    with pytest.raises(StorageUnavailable):
        objects.get("m")


def test_a_head_tells_size_and_type_and_what_is_not_there_is_none(objects: Objects) -> None:
    objects.put("a", b"text")
    assert objects.head("a") == Head(4, "binary/octet-stream")
    assert objects.head("b") is None


def test_a_form_takes_one_key_type_name_and_size_and_marks_what_passes(aws_environment: None) -> None:
    form = S3Objects(s3.connect, BUCKET).form("users/ada/uploads/1", FILE, timedelta(minutes=15))

    policy = json.loads(base64.b64decode(form.fields["policy"]))
    for wanted in (
        {"Content-Type": "text/plain"},
        {"x-amz-meta-name": "%EB%A1%9C%EA%B7%B8.txt"},
        {"tagging": s3.PASSES},
        {"key": "users/ada/uploads/1"},
        {"bucket": BUCKET},
        ["content-length-range", 1, 300_000],
    ):
        assert wanted in policy["conditions"]
    assert form.fields["tagging"] == s3.PASSES
    assert "upload" in s3.PASSES


def test_the_name_that_the_form_was_made_for_comes_back(aws_environment: None) -> None:
    with stubbed() as (objects, answers):
        found = {"ContentLength": 5, "ContentType": "text/plain", "Metadata": {"name": "%EB%A1%9C%EA%B7%B8.txt"}}
        answers.add_response("head_object", found)
        assert objects.head("m") == Head(5, "text/plain", "로그.txt")


def called(objects: S3Objects) -> list[str]:
    """Where it sends what it writes and reads, without an account."""
    addresses: list[str] = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        addresses.append(request.url)
        return AWSResponse(
            request.url, 200, HTTPHeaders.from_dict({"ETag": "1"}), RawResponse(b"<UploadId>1</UploadId>")
        )

    hooks: Any = objects.client.meta.events
    hooks.register("before-send.s3", answer)
    objects.put("a", b"1")
    objects.get("a")
    list(objects.list("a"))
    return addresses


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "eu-south-2"])
def test_all_that_is_signed_and_called_is_the_buckets_own_host_in_its_own_region(
    monkeypatch: pytest.MonkeyPatch, aws_environment: None, region: str
) -> None:
    """The global host redirects for a day after a bucket was made, and does not know regions after 2019."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    objects = S3Objects(s3.connect, BUCKET)
    host = f"https://{BUCKET}.s3.{region}.amazonaws.com/"
    assert objects.form("a", FILE, timedelta(minutes=1)).url == host
    assert objects.presign("a", "a.tar", timedelta(minutes=1)).startswith(host)
    assert [address.removeprefix(host)[:2] for address in called(objects)] == ["a", "a", "?l"]


def test_functions_and_bridge_have_no_other_way_to_s3() -> None:
    places = [*sources("container"), *sources("chalicelib")]
    makes = re.compile(r'client\(\s*"s3"')
    assert [path.name for path in places if makes.search(path.read_text())] == ["s3.py"]
