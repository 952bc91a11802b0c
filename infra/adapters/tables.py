"""DynamoDB: which tables there are, and forgetting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated, unless

MISSING = "ResourceNotFoundException"


@dataclass(frozen=True)
class Tables:
    client: Any

    def existing(self, names: Iterable[str]) -> list[str]:
        with translated("listing the tables"):
            there = {
                name for page in self.client.get_paginator("list_tables").paginate() for name in page["TableNames"]
            }
        return sorted(there & set(names))

    def leaving(self, names: Iterable[str]) -> list[str]:
        """Those that are being deleted: until they are gone, none can be made with their name."""
        return [name for name in self.existing(names) if self._status(name) in ("DELETING", "")]

    def _status(self, name: str) -> str:
        with unless(MISSING), translated(f"looking at the table {name}"):
            return str(self.client.describe_table(TableName=name)["Table"]["TableStatus"])
        return ""

    def delete(self, name: str) -> None:
        """Begins it; `existing` says when it is over."""
        with unless(MISSING, "ResourceInUseException"), translated(f"deleting the table {name}"):
            self.client.delete_table(TableName=name)

    def values(self, name: str, attribute: str) -> dict[str, str]:
        """A text that rows of a table with one key have, by the user's id; rows without it are left out."""
        with unless(MISSING), translated(f"reading {name}"):
            pages = self.client.get_paginator("scan").paginate(
                TableName=name,
                FilterExpression="attribute_exists(#a)",
                ProjectionExpression="#u, #a",
                ExpressionAttributeNames={"#u": "userId", "#a": attribute},
            )
            rows = [row for page in pages for row in page["Items"]]
            return {row["userId"]["S"]: row[attribute]["S"] for row in rows}
        return {}

    def put(self, name: str, row: Mapping[str, str]) -> None:
        """A row of texts."""
        with translated(f"writing into {name}"):
            self.client.put_item(TableName=name, Item={key: {"S": value} for key, value in row.items()})

    def drop(self, name: str, key: Mapping[str, str]) -> None:
        with translated(f"deleting from {name}"):
            self.client.delete_item(TableName=name, Key={part: {"S": value} for part, value in key.items()})

    def forget(self, name: str, user_id: str, keys: Iterable[str]) -> None:
        """All rows of a user in a table; `keys` are the names of the table's keys, the user's id first."""
        hash_key, *_ = keys = tuple(keys)
        with unless(MISSING), translated(f"forgetting in {name}"):
            pages = self.client.get_paginator("query").paginate(
                TableName=name,
                KeyConditionExpression="#u = :u",
                ExpressionAttributeNames={"#u": hash_key},
                ExpressionAttributeValues={":u": {"S": user_id}},
            )
            for row in (row for page in pages for row in page["Items"]):
                self.client.delete_item(TableName=name, Key={key: row[key] for key in keys})
