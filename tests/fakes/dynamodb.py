"""The real DynamoStore on moto's DynamoDB, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import boto3
from moto import mock_aws

from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.tables import create_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REGION = "eu-central-1"


@contextmanager
def dynamo_store(prefix: str = "test-") -> Iterator[DynamoStore]:
    with mock_aws():
        create_tables(client(), prefix)
        yield DynamoStore(client, prefix)


@cache
def client() -> DynamoDBClient:
    """One for all tests: making it takes ten times as long as making the tables."""
    return boto3.client("dynamodb", region_name=REGION)
