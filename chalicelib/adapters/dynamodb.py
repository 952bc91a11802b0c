"""The Store on DynamoDB: compiles writes to expressions and translates its errors."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from chalicelib.adapters.expressions import compile_write
from chalicelib.adapters.tables import ACTIVE_INDEX, hash_key
from chalicelib.errors import ConditionFailed, Unstorable
from chalicelib.store import Item, Key, Table, Update, Write

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Result = TypeVar("Result")
UNSTORABLE = {"ValidationError", "ValidationException", "ItemCollectionSizeLimitExceededException"}
ATTEMPTS = 8  # of a transaction that meets another one on the same row, or too many others
CONTENDED = {
    *("TransactionConflict", "TransactionConflictException", "TransactionInProgressException"),
    *("ThrottlingError", "ProvisionedThroughputExceeded"),  # reasons of a transaction, which botocore does not repeat
}

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def encode(item: Mapping[str, Any]) -> dict[str, Any]:
    """Attribute values; absent facts (None) are absent attributes."""
    return {name: _serialize(_plain(value)) for name, value in item.items() if value is not None}


def decode(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _native(_deserialize(value)) for name, value in attributes.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, frozenset):
        return set(value)
    return value


def _native(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {name: _native(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_native(each) for each in value]
    if isinstance(value, set):
        return frozenset(value)
    return value


@dataclass(frozen=True)
class DynamoStore:
    connect: Callable[[], DynamoDBClient]
    prefix: str
    sleep: Callable[[float], None] = time.sleep

    @cached_property
    def client(self) -> DynamoDBClient:
        return self.connect()

    def get(self, table: Table, key: Key) -> Item | None:
        answer = self.client.get_item(TableName=self._name(table), Key=encode(key), ConsistentRead=True)
        return decode(answer["Item"]) if "Item" in answer else None

    def query(
        self,
        table: Table,
        user_id: str,
        *,
        start: str = "",
        end: str = "\uffff",
        limit: int | None = None,
        newest: bool = False,
    ) -> Sequence[Item]:
        request: dict[str, Any] = {
            "TableName": self._name(table),
            "ConsistentRead": True,
            "ScanIndexForward": not newest,
            "KeyConditionExpression": f"{hash_key(table)} = :user AND sk BETWEEN :start AND :end",
            "ExpressionAttributeValues": encode({":user": user_id, ":start": start or " ", ":end": end}),
        }
        items = list(self._pages(request, limit))
        return items[::-1] if newest else items

    def active(self) -> Iterable[Item]:
        request = {
            "TableName": self._name(Table.TASK_STATE),
            "IndexName": ACTIVE_INDEX,
            "KeyConditionExpression": f"{ACTIVE_INDEX} = :yes",
            "ExpressionAttributeValues": encode({":yes": "yes"}),
        }
        return list(self._pages(request, None))

    def expiring(self, second: int) -> Iterable[Item]:
        """A scan: the table holds what is open now, and a sweep removes what has expired."""
        request = {
            "TableName": self._name(Table.CONNECTIONS),
            "FilterExpression": "expiresAt <= :second",
            "ExpressionAttributeValues": encode({":second": second}),
        }
        return list(self._pages(request, None, self.client.scan))

    def write(self, *writes: Write) -> Item:
        if len(writes) == 1 and isinstance(writes[0], Update):
            return self._update(writes[0])
        items: Any = [compile_write(write, self._name(write.table), encode) for write in writes]
        self._retry(lambda: self.client.transact_write_items(TransactItems=items))
        return {}

    def _update(self, write: Update) -> Item:
        request = compile_write(write, self._name(write.table), encode)["Update"]
        answer = self._retry(lambda: self.client.update_item(**request, ReturnValues="ALL_NEW"))
        return decode(answer["Attributes"])

    def _pages(
        self, request: dict[str, Any], limit: int | None, read: Callable[..., Any] | None = None
    ) -> Iterable[Item]:
        left = limit
        while True:
            page = (read or self.client.query)(**{**request, **({} if left is None else {"Limit": left})})
            yield from (decode(item) for item in page["Items"])
            left = None if left is None else left - len(page["Items"])
            if "LastEvaluatedKey" not in page or left == 0:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _retry(self, call: Callable[[], Result]) -> Result:
        """A row that another transaction holds is free again in milliseconds."""
        for attempt in range(ATTEMPTS):
            try:
                return call()
            except ClientError as error:
                if not _conflict(error) or attempt == ATTEMPTS - 1:
                    raise _translated(error) from error
                self.sleep(random.uniform(0, 0.01 * 2**attempt))
        raise AssertionError("unreachable")

    def _name(self, table: Table) -> str:
        return self.prefix + table.value


def _reasons(error: ClientError) -> set[str]:
    reasons: Any = error.response.get("CancellationReasons", [])
    return {reason.get("Code") or "None" for reason in reasons} | {error.response["Error"]["Code"]}


def _conflict(error: ClientError) -> bool:
    reasons = _reasons(error)
    return bool(reasons & CONTENDED) and "ConditionalCheckFailed" not in reasons


def _translated(error: ClientError) -> Exception:
    reasons = _reasons(error)
    if reasons & {"ConditionalCheckFailed", "ConditionalCheckFailedException"}:
        return ConditionFailed(str(error))
    return Unstorable(str(error)) if reasons & UNSTORABLE else error
