"""The real DynamoStore on moto's DynamoDB, in this process."""

from __future__ import annotations

from functools import cache
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import boto3

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"
_numbers = count(1)


class OneByOne:
    """moto has no locks, and its transactions copy tables that others write meanwhile."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = Lock()

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def locked(*names: Any, **parameters: Any) -> Any:
            with self._lock:
                return call(*names, **parameters)

        return locked


def fresh_tables() -> DynamoStore:
    """A store with tables of its own, inside `mock_aws`."""
    prefix = f"test{next(_numbers)}-"
    create_tables(client(), prefix)
    return DynamoStore(client, prefix)


@cache
def client() -> DynamoDBClient:
    """One for all tests: making it takes ten times as long as making the tables."""
    return cast("DynamoDBClient", OneByOne(boto3.client("dynamodb", region_name=REGION)))
