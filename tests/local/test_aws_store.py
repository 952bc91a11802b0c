"""The embedded AWS keeps what it said it kept, through every kind of end."""

from __future__ import annotations

import io
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws.dynamodb import DurableDynamoDB
from local.errors import DamagedState
from local.names import ACCOUNT, BUCKET, TABLE_PREFIX
from local.store import SqliteStore, check, store_path
from tests.local.conftest import EmbeddedAws
from tests.local.waiting import wait_until

ROWS, INBOX = TABLE_PREFIX + "Settings", TABLE_PREFIX + "PendingMessages"


def row(user: str, sk: str, **fields: Any) -> dict[str, Any]:
    return {"userId": {"S": user}, "sk": {"S": sk}, **fields}


def put(table: str, item: dict[str, Any], **condition: Any) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": item, **condition}}


def test_a_killed_aws_comes_back_with_every_write_it_answered(tmp_path: Path) -> None:
    aws = EmbeddedAws(tmp_path)
    answered: list[int] = []

    def write() -> None:
        client = aws.client("dynamodb")
        for number in range(10_000):
            try:
                client.transact_write_items(
                    TransactItems=[put(table, row("ada", f"{number}")) for table in (ROWS, INBOX)]
                )
            except Exception:  # noqa: BLE001  the server died: that is the point
                return
            answered.append(number)

    writer = threading.Thread(target=write)
    writer.start()
    wait_until(lambda: len(answered) >= 30)
    aws.kill()
    aws_again = EmbeddedAws(tmp_path)
    writer.join()
    found = [keys(aws_again, table) for table in (ROWS, INBOX)]
    aws_again.end()
    assert found[0] == found[1], "half a transaction came back"
    assert {str(number) for number in answered} <= found[0]


def keys(aws: EmbeddedAws, table: str) -> set[str]:
    pages = aws.client("dynamodb").get_paginator("scan").paginate(TableName=table)
    return {item["sk"]["S"] for page in pages for item in page["Items"]}


def test_every_kind_of_value_survives_a_restart(tmp_path: Path) -> None:
    aws = EmbeddedAws(tmp_path)
    values = {
        "text": {"S": "안녕 😀"},
        "number": {"N": "1.5"},
        "bytes": {"B": b"\x00\xff"},
        "nested": {"M": {"list": {"L": [{"S": "a"}, {"NULL": True}, {"BOOL": False}]}}},
        "set": {"SS": ["a", "b"]},
    }
    aws.client("dynamodb").put_item(TableName=ROWS, Item=row("ada", "profile", **values))
    content = {"Bucket": BUCKET, "Key": "users/ada/answers/1"}
    aws.client("s3").put_object(**content, Body=b"long answer", Metadata={"turn": "1"}, ContentType="text/plain")
    aws.client("s3").put_object(Bucket=BUCKET, Key="gone", Body=b"1")
    aws.client("s3").delete_object(Bucket=BUCKET, Key="gone")
    before = aws.client("s3").head_object(**content)
    assert aws.end() == 0

    aws = EmbeddedAws(tmp_path)
    item = aws.client("dynamodb").get_item(TableName=ROWS, Key=row("ada", "profile"))["Item"]
    found = aws.client("s3").get_object(**content)
    read = found["Body"].read()
    objects = aws.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    aws.end()
    assert {name: item[name] for name in values} == values
    assert read == b"long answer"
    assert [each["Key"] for each in objects] == [content["Key"]]
    told = ("ETag", "Metadata", "ContentType", "ContentLength")
    assert {name: found[name] for name in told} == {name: before[name] for name in told}
    assert abs(found["LastModified"] - before["LastModified"]).total_seconds() < 1


def opened(folder: Path) -> tuple[DurableDynamoDB, SqliteStore]:
    """The backend alone, without a server: a restart of it costs nothing."""
    DurableDynamoDB.store = store = SqliteStore(store_path(folder))
    backend = DurableDynamoDB("us-east-1", ACCOUNT)
    keys = [{"AttributeName": "userId", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    types = [{"AttributeName": name, "AttributeType": "S"} for name in ("userId", "sk")]
    backend.create_table(ROWS, keys, None, types, None, None, None, "PAY_PER_REQUEST", None, [], None, None)
    return backend, store


def found(backend: DurableDynamoDB) -> set[str]:
    return {item.attrs["sk"].value for item in backend.get_table(ROWS).all_items()}


def test_updates_and_deletions_survive_a_restart(tmp_path: Path) -> None:
    backend, store = opened(tmp_path)
    for sk in ("kept", "gone"):
        backend.put_item(ROWS, row("ada", sk))
    backend.update_item(ROWS, row("ada", "kept"), "SET n = :n", {}, {":n": {"N": "2"}})
    backend.delete_item(ROWS, row("ada", "gone"))
    store.close()
    backend, store = opened(tmp_path)
    (item,) = backend.get_table(ROWS).all_items()
    store.close()
    assert item.to_json()["Attributes"] == row("ada", "kept", n={"N": "2"})


def test_a_write_that_the_disk_refuses_leaves_the_memory_as_it_was(tmp_path: Path) -> None:
    backend, store = opened(tmp_path)
    backend.put_item(ROWS, row("ada", "kept", n={"N": "1"}))
    store.close()
    writes: tuple[Callable[[], object], ...] = (
        lambda: backend.put_item(ROWS, row("ada", "new")),
        lambda: backend.delete_item(ROWS, row("ada", "kept")),
        lambda: backend.update_item(ROWS, row("ada", "kept"), "SET n = :n", {}, {":n": {"N": "2"}}),
        lambda: backend.transact_write_items([put(ROWS, row("ada", "new"))]),
    )
    for write in writes:
        with pytest.raises(sqlite3.ProgrammingError):
            write()
    (item,) = backend.get_table(ROWS).all_items()
    assert item.to_json()["Attributes"] == row("ada", "kept", n={"N": "1"})


def test_items_long_past_their_expiry_are_collected_at_the_start(tmp_path: Path) -> None:
    backend, store = opened(tmp_path)
    backend.put_item(ROWS, row("ada", "old", expiresAt={"N": "1"}))
    backend.put_item(ROWS, row("ada", "new", expiresAt={"N": "99999999999"}))
    store.close()
    backend, store = opened(tmp_path)
    store.close()
    assert found(backend) == {"new"}


def test_a_cancelled_transaction_leaves_nothing(aws: EmbeddedAws) -> None:
    client = aws.client("dynamodb")
    client.put_item(TableName=ROWS, Item=row("bob", "there"))
    new = {"ConditionExpression": "attribute_not_exists(userId)"}
    with pytest.raises(client.exceptions.TransactionCanceledException) as refused:
        client.transact_write_items(
            TransactItems=[put(INBOX, row("bob", "in#1")), put(ROWS, row("bob", "there"), **new)]
        )
    assert [reason["Code"] for reason in refused.value.response["CancellationReasons"]] == [
        "None",
        "ConditionalCheckFailed",
    ]
    assert "Item" not in client.get_item(TableName=INBOX, Key=row("bob", "in#1"))


def test_a_query_sees_its_own_partition_in_order_and_by_pages(aws: EmbeddedAws) -> None:
    client = aws.client("dynamodb")
    for user, number in [("cyd", 2), ("dan", 1), ("cyd", 1), ("cyd", 3)]:
        client.put_item(TableName=INBOX, Item=row(user, f"in#{number}"))
    asked = {
        "TableName": INBOX,
        "KeyConditionExpression": "userId = :u AND begins_with(sk, :p)",
        "ExpressionAttributeValues": {":u": {"S": "cyd"}, ":p": {"S": "in#"}},
    }
    first = client.query(**asked, Limit=2)
    rest = client.query(**asked, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [item["sk"]["S"] for item in first["Items"] + rest["Items"]] == ["in#1", "in#2", "in#3"]
    newest = client.query(**asked, ScanIndexForward=False, Limit=1)["Items"]
    assert newest == [row("cyd", "in#3")]


def test_s3_writes_only_over_the_version_that_was_read(aws: EmbeddedAws) -> None:
    s3, manifest = aws.client("s3"), {"Bucket": BUCKET, "Key": "users/eve/state/manifest.json"}
    tag = s3.put_object(**manifest, Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(**manifest, Body=b"2", IfNoneMatch="*")
    s3.put_object(**manifest, Body=b"3", IfMatch=tag)
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(**manifest, Body=b"4", IfMatch=tag)
    assert s3.get_object(**manifest)["Body"].read() == b"3"


def test_large_uploads_arrive_whole_in_parts_and_in_one(aws: EmbeddedAws) -> None:
    s3, content = aws.client("s3"), bytes(range(256)) * 40_000
    s3.upload_fileobj(io.BytesIO(content), BUCKET, "in parts")
    s3.put_object(Bucket=BUCKET, Key="in one", Body=content, ChecksumAlgorithm="SHA256")
    for key in ("in parts", "in one"):
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == content


def test_other_hosts_names_are_refused(aws: EmbeddedAws) -> None:
    import requests  # noqa: PLC0415

    assert requests.get(aws.endpoint, headers={"Host": "evil.example"}, timeout=5).status_code == 403


def test_a_damaged_store_is_named_and_left_alone(tmp_path: Path) -> None:
    path = store_path(tmp_path)
    store = SqliteStore(path)
    with store.transaction():
        for number in range(500):
            store.put_item("t", str(number), "x" * 100)
    store.close()
    damaged = path.read_bytes()[:8192] + b"\xff" * 8192 + path.read_bytes()[16384:]
    path.write_bytes(damaged)
    with pytest.raises(DamagedState, match=r"aws\.sqlite cannot be used .*make reset"):
        check(path)
    assert path.read_bytes() == damaged


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = store_path(tmp_path)
    SqliteStore(path).close()
    with sqlite3.connect(path) as file:
        file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(DamagedState, match="newer version"):
        check(path)
