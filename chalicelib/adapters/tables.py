"""The tables' keys and indexes; `infra/` and local mode create them from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.store import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ACTIVE_INDEX = "active"  # sparse: only rows with the attribute of that name are in it
HASH_KEY = {Table.CONNECTIONS: "connectionId"}
HASH_ONLY = frozenset({Table.TASK_STATE, Table.CONNECTIONS})


def hash_key(table: Table) -> str:
    return HASH_KEY.get(table, "userId")


def create_tables(dynamodb: DynamoDBClient, prefix: str) -> None:
    """Creates what is not there yet."""
    pages = dynamodb.get_paginator("list_tables").paginate()
    there = {name for page in pages for name in page["TableNames"]}
    for table in Table:
        if prefix + table.value not in there:
            dynamodb.create_table(**definition(table, prefix))


def definition(table: Table, prefix: str) -> Any:
    """CreateTable's parameters."""
    keys = [(hash_key(table), "HASH")] + ([] if table in HASH_ONLY else [("sk", "RANGE")])
    indexed = [ACTIVE_INDEX] if table is Table.TASK_STATE else []
    parameters: dict[str, Any] = {
        "TableName": prefix + table.value,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "S"} for name in [key for key, _ in keys] + indexed
        ],
    }
    if indexed:
        parameters["GlobalSecondaryIndexes"] = [_active_index()]
    return parameters


def _active_index() -> Any:
    return {
        "IndexName": ACTIVE_INDEX,
        "KeySchema": [
            {"AttributeName": ACTIVE_INDEX, "KeyType": "HASH"},
            {"AttributeName": "userId", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }
