"""The tables: consistent reads, and the language of conditional writes that DynamoDB and the fakes carry out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

Value = Any  # str, int, bool, None, list, dict, frozenset[str]: what an attribute may hold
Item = Mapping[str, Value]
Key = Mapping[str, str]


class Table(Enum):
    """The value is the table's name after the prefix."""

    CONVERSATIONS = "Conversations"
    SETTINGS = "Settings"
    TASK_STATE = "TaskState"
    CONNECTIONS = "Connections"
    PENDING_MESSAGES = "PendingMessages"
    USAGE = "Usage"


@dataclass(frozen=True)
class Missing:
    """The attribute (or, for a key attribute, the item) is not there."""

    attribute: str


@dataclass(frozen=True)
class Exists:
    attribute: str


@dataclass(frozen=True)
class Equals:
    attribute: str
    value: Value


@dataclass(frozen=True)
class OneOf:
    attribute: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Below:
    attribute: str
    value: Value


@dataclass(frozen=True)
class MissingOrBelow:
    """As for a counter that begins at nothing."""

    attribute: str
    value: Value


@dataclass(frozen=True)
class AtMost:
    attribute: str
    value: Value


Condition = Missing | Exists | Equals | OneOf | Below | MissingOrBelow | AtMost


@dataclass(frozen=True)
class Put:
    table: Table
    item: Item
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Update:
    """Named attributes only: never a whole-item write that could erase what another writer knows."""

    table: Table
    key: Key
    set: Item = field(default_factory=dict)
    default: Item = field(default_factory=dict)  # set only where missing
    add: Mapping[str, int] = field(default_factory=dict)
    insert: Mapping[str, frozenset[str]] = field(default_factory=dict)  # into a string set
    discard: Mapping[str, frozenset[str]] = field(default_factory=dict)  # from a string set
    remove: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Delete:
    table: Table
    key: Key
    when: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Check:
    """A condition on an item that the transaction does not change."""

    table: Table
    key: Key
    when: tuple[Condition, ...]


Write = Put | Update | Delete | Check


class Store(Protocol):
    """The tables. Every read is consistent, every write conditional and atomic."""

    def get(self, table: Table, key: Key) -> Item | None: ...

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
        """Items of a user with `start` <= sk <= `end`, ascending; `newest` with `limit` takes them from the end."""

    def active(self) -> Iterable[Item]:
        """TaskState rows in the sparse index; may lag behind, so decide with conditional writes."""

    def expiring(self, second: int) -> Iterable[Item]:
        """Connections rows with `expiresAt` up to this one, read one after the other; may lag behind."""

    def write(self, *writes: Write) -> Item:
        """All of them or none. One Update returns the item as it is then, everything else an empty one.

        Raises ConditionFailed when a condition does not hold, Unstorable for what can never be written; nothing is
        written then.
        """
