"""Writes as DynamoDB expressions. Every name and value goes by placeholder: many attribute names are reserved words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalicelib.store import (
    AtMost,
    Below,
    Check,
    Condition,
    Delete,
    Equals,
    Exists,
    Missing,
    MissingOrBelow,
    OneOf,
    Put,
    Update,
    Write,
)

Encode = Callable[[Mapping[str, Any]], dict[str, Any]]


class Placeholders:
    """Hands out #n and :v names and remembers what they stand for."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def name(self, attribute: str) -> str:
        path = [self.names.setdefault(part, f"#n{len(self.names)}") for part in attribute.split(".")]
        return ".".join(path)

    def value(self, value: Any) -> str:
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = value
        return placeholder


def compile_write(write: Write, table_name: str, encode: Encode) -> dict[str, Any]:
    """One entry of TransactItems; the inner dict also fits UpdateItem, PutItem and DeleteItem."""
    holders = Placeholders()
    request: dict[str, Any] = {"TableName": table_name}
    if isinstance(write, Put):
        request["Item"] = encode(write.item)
    else:
        request["Key"] = encode(write.key)
    if isinstance(write, Update):
        request["UpdateExpression"] = _update(write, holders)
    if write.when:
        request["ConditionExpression"] = " AND ".join(_condition(each, holders) for each in write.when)
    if holders.names:
        request["ExpressionAttributeNames"] = {short: name for name, short in holders.names.items()}
    if holders.values:
        request["ExpressionAttributeValues"] = encode(holders.values)
    return {_verb(write): request}


def _verb(write: Write) -> str:
    match write:
        case Put():
            return "Put"
        case Update():
            return "Update"
        case Delete():
            return "Delete"
        case Check():
            return "ConditionCheck"


def _update(write: Update, holders: Placeholders) -> str:
    given = {name: value for name, value in write.set.items() if value is not None}
    absent = [name for name, value in write.set.items() if value is None]
    sets = [f"{holders.name(name)} = {holders.value(value)}" for name, value in given.items()]
    for name, value in write.default.items():
        field = holders.name(name)
        sets.append(f"{field} = if_not_exists({field}, {holders.value(value)})")
    clauses = {
        "SET": sets,
        "REMOVE": [holders.name(name) for name in (*write.remove, *absent)],
        "ADD": _pairs({**write.add, **write.insert}.items(), holders),
        "DELETE": _pairs(write.discard.items(), holders),
    }
    return " ".join(f"{verb} {', '.join(parts)}" for verb, parts in clauses.items() if parts)


def _pairs(items: Iterable[tuple[str, Any]], holders: Placeholders) -> list[str]:
    return [f"{holders.name(name)} {holders.value(value)}" for name, value in items]


def _condition(condition: Condition, holders: Placeholders) -> str:
    name = holders.name(condition.attribute)
    match condition:
        case Missing():
            return f"attribute_not_exists({name})"
        case Exists():
            return f"attribute_exists({name})"
        case Equals(_, value):
            return f"{name} = {holders.value(value)}"
        case OneOf(_, values):
            return f"{name} IN ({', '.join(holders.value(value) for value in values)})"
        case MissingOrBelow(_, value):
            return f"(attribute_not_exists({name}) OR {name} < {holders.value(value)})"
        case Below(_, value) | AtMost(_, value):
            sign = "<" if isinstance(condition, Below) else "<="
            return f"{name} {sign} {holders.value(value)}"
