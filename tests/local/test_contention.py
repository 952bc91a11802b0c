"""Our store under DynamoDB's bad days: a write has one effect, and an index tells late."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.clients import make_client
from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.store import Put, Table, Update
from local.aws.contention import LAGGING, REFUSING
from local.names import REGION, TABLE_PREFIX
from tests.local.conftest import KEYS, EmbeddedAws

COUNT = {"userId": "ada"}


@pytest.fixture(scope="module")
def store(aws: EmbeddedAws) -> DynamoStore:
    keys: Any = {"aws_access_key_id": KEYS.id, "aws_secret_access_key": KEYS.secret}
    place: Any = {"endpoint_url": aws.endpoint, "region_name": REGION}
    client = make_client("dynamodb", **place, **keys)
    return DynamoStore(lambda: client, TABLE_PREFIX)


@pytest.fixture
def refusing(aws: EmbeddedAws) -> Iterator[Path]:
    sign = aws.state / REFUSING
    yield sign
    sign.unlink()


@pytest.mark.parametrize("reason", ["TransactionConflict", "ThrottlingError"])
def test_writes_that_are_refused_once_have_their_effect_once(store: DynamoStore, refusing: Path, reason: str) -> None:
    refusing.write_text(reason)
    before = (store.get(Table.TASK_STATE, COUNT) or {}).get("n", 0)
    count = Update(Table.TASK_STATE, COUNT, add={"n": 1})
    for number in range(3):
        store.write(count)
        store.write(count, Put(Table.CONNECTIONS, {"connectionId": f"{reason}{number}"}))
    assert store.get(Table.TASK_STATE, COUNT) == {**COUNT, "n": before + 6}


def test_a_transaction_of_more_than_four_megabytes_is_refused(aws: EmbeddedAws) -> None:
    rows = [{"userId": {"S": "ada"}, "sk": {"S": f"{number}"}, "text": {"S": "x" * 399_000}} for number in range(11)]
    items = [{"Put": {"TableName": f"{TABLE_PREFIX}Settings", "Item": row}} for row in rows]
    aws.client("dynamodb").transact_write_items(TransactItems=items[:10])
    with pytest.raises(ClientError) as refused:
        aws.client("dynamodb").transact_write_items(TransactItems=items)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_an_index_that_lags_tells_in_the_end(aws: EmbeddedAws, store: DynamoStore) -> None:
    (aws.state / LAGGING).touch()
    seen = [len(list(store.active()))]
    store.write(Update(Table.TASK_STATE, {"userId": "bob"}, set={"active": "yes"}))
    seen += [len(list(store.active())) for _ in range(2)]
    (aws.state / LAGGING).unlink()
    assert seen == [0, 0, 1]
