"""DynamoDB: moto's, with every write on the disk before it is answered, and transactions without a table copy."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from moto.dynamodb import urls
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from local.store import SqliteStore

Attributes = dict[str, Any]
TTL = "expiresAt"
TTL_LAG = timedelta(hours=48)  # DynamoDB deletes expired items within days, not at once


class DurableTable(Table):
    """moto scans the whole table for a query and copies it for a transaction; this one does neither."""

    def __deepcopy__(self, _memo: object) -> DurableTable:
        return self

    def query(self, hash_key: DynamoType | None, *arguments: Any, **options: Any) -> Any:
        index_name = arguments[6] if len(arguments) > 6 else options.get("index_name")  # noqa: PLR2004
        if index_name or hash_key not in self.items:
            return super().query(hash_key, *arguments, **options)
        partition = copy.copy(self)
        partition.items = {hash_key: self.items[hash_key]}  # type: ignore[assignment]
        return Table.query(partition, hash_key, *arguments, **options)

    def key_of(self, attributes: Attributes) -> Attributes:
        names = [self.hash_key_attr, self.range_key_attr]
        return {name: attributes[name] for name in names if name and name in attributes}

    def find(self, key: Attributes) -> Item | None:
        return self.get_item(*self._address(key))

    def restore(self, key: Attributes, before: Attributes | None) -> None:
        if before is None:
            self.delete_item(*self._address(key))
        else:
            self.put_item(before)

    def _address(self, key: Attributes) -> tuple[DynamoType, DynamoType | None]:
        range_key = DynamoType(key[self.range_key_attr]) if self.range_key_attr else None
        return DynamoType(key[self.hash_key_attr]), range_key


class DurableDynamoDB(DynamoDBBackend):
    store: ClassVar[SqliteStore]
    in_transaction = False  # the store's lock is held while it is true

    @property
    def _url_module(self) -> Any:
        return urls  # moto would look beside this file

    def create_table(self, name: str, *arguments: Any, **options: Any) -> Table:
        table = super().create_table(name, *arguments, **options)
        object.__setattr__(table, "__class__", DurableTable)  # moto offers no way to name the class
        for key, value in self.store.items(name):
            self._load(table, key, json.loads(value))
        return table

    def delete_table(self, name: str) -> Table:
        table = super().delete_table(name)
        with self.store.transaction():
            self.store.delete_items(table.name)
        return table

    def put_item(self, table_name: str, item_attrs: Attributes, *arguments: Any, **options: Any) -> Item:
        with self._durable([(table_name, item_attrs)]):
            return super().put_item(table_name, item_attrs, *arguments, **options)

    def update_item(self, table_name: str, key: Attributes, *arguments: Any, **options: Any) -> Item:
        with self._durable([(table_name, key)]):
            return super().update_item(table_name, key, *arguments, **options)

    def delete_item(self, table_name: str, key: Attributes, *arguments: Any, **options: Any) -> Item | None:
        with self._durable([(table_name, key)]):
            return super().delete_item(table_name, key, *arguments, **options)

    def transact_write_items(self, transact_items: list[dict[str, Any]]) -> None:
        writes = [write for action in transact_items for kind, write in action.items() if kind != "ConditionCheck"]
        touched = [(write["TableName"], write.get("Key") or write["Item"]) for write in writes]
        with self._durable(touched):
            super().transact_write_items(transact_items)

    @contextmanager
    def _durable(self, touched: list[tuple[str, Attributes]]) -> Iterator[None]:
        """Memory and disk change together: what raises, a full disk included, leaves both as they were."""
        with self.store.lock:
            if self.in_transaction:
                yield
                return
            rows = [(table, table.key_of(attributes)) for table, attributes in self._tables(touched)]
            before = [(table, key, _attributes(table.find(key))) for table, key in rows]
            self.in_transaction = True
            try:
                yield
                self._write(rows)
            except BaseException:
                for table, key, old in before:
                    table.restore(key, old)
                raise
            finally:
                self.in_transaction = False

    def _tables(self, touched: list[tuple[str, Attributes]]) -> Iterator[tuple[DurableTable, Attributes]]:
        for name, attributes in touched:
            table = self.get_table(name)
            if isinstance(table, DurableTable):
                yield table, attributes

    def _write(self, rows: list[tuple[DurableTable, Attributes]]) -> None:
        with self.store.transaction():
            for table, key in rows:
                name, address = table.name, json.dumps(key, sort_keys=True)
                now = _attributes(table.find(key))
                if now is None:
                    self.store.delete_item(name, address)
                else:
                    self.store.put_item(name, address, json.dumps(now))

    def _load(self, table: Table, key: str, attributes: Attributes) -> None:
        if _expired(attributes, datetime.now(UTC)):
            with self.store.transaction():
                self.store.delete_item(table.name, key)
        else:
            table.put_item(attributes)


def _attributes(item: Item | None) -> Attributes | None:
    return None if item is None else {name: _wire(value) for name, value in item.attrs.items()}


def _wire(value: Any) -> Any:
    """As on the wire, through every level; moto's own rendering stops at the first list."""
    match value:
        case DynamoType():
            return {value.type: _wire(value.value)}
        case dict():
            return {name: _wire(field) for name, field in value.items()}
        case list():
            return [_wire(member) for member in value]
        case bytes():
            return base64.b64encode(value).decode()
    return value


def _expired(attributes: Mapping[str, Any], now: datetime) -> bool:
    expiry = attributes.get(TTL, {}).get("N")
    return expiry is not None and datetime.fromtimestamp(float(expiry), UTC) < now - TTL_LAG


def install(store: SqliteStore) -> None:
    """Make moto use this backend; before its first request."""
    DurableDynamoDB.store = store
    dynamodb_backends.backend = DurableDynamoDB
