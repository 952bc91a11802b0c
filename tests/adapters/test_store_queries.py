"""What every Store must find: ranges, order, limits, pages beyond DynamoDB's 1 MB, and the index of busy agents."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.store import Delete, Put, Store, Table, Update

INBOX = Table.PENDING_MESSAGES
KEYS = ["id#x", "in#000000000001", "in#000000000003", "out#000000000002#web", "resume#c"]


@pytest.fixture
def full(store: Store) -> Store:
    for key in reversed(KEYS):
        store.write(Put(INBOX, {"userId": "ada", "sk": key}))
    store.write(Put(INBOX, {"userId": "bob", "sk": "in#000000000001"}))
    return store


def keys(store: Store, user_id: str = "ada", **range_: Any) -> list[str]:
    return [item["sk"] for item in store.query(INBOX, user_id, **range_)]


def test_a_query_gives_the_users_own_items_in_order(full: Store) -> None:
    assert keys(full) == KEYS
    assert keys(full, "bob") == ["in#000000000001"]
    assert keys(full, "eve") == []


def test_both_ends_of_a_range_belong_to_it(full: Store) -> None:
    assert keys(full, start="in#000000000001", end="out#000000000002#web") == KEYS[1:4]
    assert keys(full, start="in#", end="in#~") == KEYS[1:3]
    assert keys(full, start="s") == []


def test_a_limit_takes_from_the_beginning(full: Store) -> None:
    assert keys(full, limit=2) == KEYS[:2]


def test_the_newest_are_taken_from_the_end_and_still_ascend(full: Store) -> None:
    assert keys(full, limit=2, newest=True) == KEYS[-2:]
    assert keys(full, start="in#", end="in#~", limit=1, newest=True) == ["in#000000000003"]
    assert keys(full, newest=True) == KEYS


def test_a_limit_beyond_what_is_there_is_no_error(full: Store) -> None:
    assert keys(full, limit=99) == KEYS


def test_what_one_answer_cannot_hold_comes_in_pages(store: Store) -> None:
    expected = [f"in#{number:012d}" for number in range(6)]
    for key in expected:
        store.write(Put(INBOX, {"userId": "ada", "sk": key, "text": "x" * 300_000}))
    assert keys(store) == expected
    assert keys(store, limit=5) == expected[:5]
    assert keys(store, limit=5, newest=True) == expected[1:]


def test_a_caller_cannot_reach_into_what_was_found(full: Store) -> None:
    dict(full.query(INBOX, "ada")[0])["sk"] = "changed"
    assert keys(full) == KEYS


def test_only_rows_with_the_mark_are_active(store: Store) -> None:
    ada, bob, cyd = ({"userId": name} for name in ("ada", "bob", "cyd"))
    for row in ({**ada, "active": "yes"}, bob, {**cyd, "active": "yes", "epoch": "2"}):
        store.write(Put(Table.TASK_STATE, row))
    assert list(store.active()) == [{**ada, "active": "yes"}, {**cyd, "active": "yes", "epoch": "2"}]
    store.write(Update(Table.TASK_STATE, {"userId": "ada"}, remove=("active",)))
    store.write(Delete(Table.TASK_STATE, {"userId": "cyd"}))
    assert list(store.active()) == []


def test_more_agents_than_one_page_holds_are_active(store: Store) -> None:
    for number in range(5):
        store.write(Put(Table.TASK_STATE, {"userId": f"user-{number}", "active": "yes", "padding": "x" * 300_000}))
    assert [item["userId"] for item in store.active()] == [f"user-{number}" for number in range(5)]
