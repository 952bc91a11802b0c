"""The real DynamoStore on moto's DynamoDB, in this process."""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

import boto3
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.tables import create_tables
from tests.fakes.models import share_models

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"
share_models()


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


def fresh_tables(prefix: str = "test-") -> DynamoStore:
    """A store with empty tables, inside `mock_aws`; what an earlier one of this name held is gone.

    Making the tables takes longer than most tests, so they are made once and emptied behind DynamoDB's back.
    """
    tables = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
    mine = [table for name, table in tables.items() if name.startswith(prefix)]
    for table in mine:
        table.items.clear()
    if not mine:
        create_tables(client(), prefix)
    return DynamoStore(client, prefix)


@cache
def client() -> DynamoDBClient:
    """One for all tests: making it takes ten times as long as making the tables."""
    return cast("DynamoDBClient", OneByOne(boto3.client("dynamodb", region_name=REGION)))
