"""What every Store must do. The fake is believed elsewhere because it passes here beside the real one."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.errors import ConditionFailed
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
    Store,
    Table,
    Update,
)

ADA = {"userId": "ada"}
ROW = {**ADA, "status": "Idle", "epoch": 3, "stages": {"queued": "now"}, "open": frozenset({"a", "b"})}
AGENTS = Table.TASK_STATE
TYPES = {
    "text": '한국어 🎉 "quoted"',
    "whole": 7,
    "large": 10**20,
    "negative": -1,
    "fraction": 0.000123,
    "yes": True,
    "no": False,
    "list": [1, "two", [3.5], {"four": 4}],
    "map": {"inner": {"deep": [True, None]}},
    "set": frozenset({"x", "y"}),
}


def agent(store: Store) -> dict[str, Any]:
    return dict(store.get(AGENTS, ADA) or {})


def change(**verbs: Any) -> Update:
    return Update(AGENTS, ADA, **verbs)


@pytest.fixture
def ada(store: Store) -> Store:
    store.write(Put(AGENTS, ROW))
    return store


def test_an_item_comes_back_as_it_was_put(store: Store) -> None:
    store.write(Put(AGENTS, {**ADA, **TYPES}))
    assert agent(store) == {**ADA, **TYPES}


def test_values_keep_their_types(store: Store) -> None:
    store.write(Put(AGENTS, {**ADA, **TYPES}))
    assert {name: type(value) for name, value in agent(store).items() if name in TYPES} == {
        name: type(value) for name, value in TYPES.items()
    }


def test_an_absent_fact_is_an_absent_attribute(store: Store) -> None:
    store.write(Put(AGENTS, {**ADA, "taskArn": None}))
    assert agent(store) == ADA


def test_what_is_not_there_is_none(store: Store) -> None:
    assert store.get(AGENTS, ADA) is None


def test_a_put_replaces_the_whole_item(ada: Store) -> None:
    ada.write(Put(AGENTS, {**ADA, "epoch": 4}))
    assert agent(ada) == {**ADA, "epoch": 4}


def test_a_caller_cannot_reach_into_the_store(store: Store) -> None:
    stages = {"queued": "now"}
    store.write(Put(AGENTS, {**ADA, "stages": stages}))
    stages["ready"] = "later"
    agent(store)["stages"]["gateway"] = "never"
    assert agent(store)["stages"] == {"queued": "now"}


def test_an_update_sets_named_attributes_and_keeps_the_rest(ada: Store) -> None:
    ada.write(change(set={"epoch": 4, "address": "10.0.0.1:8080"}))
    assert agent(ada) == {**ROW, "epoch": 4, "address": "10.0.0.1:8080"}


def test_an_update_makes_the_item_that_is_not_there(store: Store) -> None:
    store.write(change(add={"pending": 1}))
    assert agent(store) == {**ADA, "pending": 1}


def test_an_update_of_nothing_is_a_mistake(ada: Store) -> None:
    with pytest.raises(Exception, match="can not be empty"):
        ada.write(change())


def test_setting_none_removes(ada: Store) -> None:
    ada.write(change(set={"status": None, "never": None, "epoch": 4}))
    assert agent(ada) == {**ADA, "epoch": 4, "stages": ROW["stages"], "open": ROW["open"]}


def test_a_default_is_set_only_where_nothing_is(ada: Store) -> None:
    ada.write(change(default={"status": "Running", "undelivered": 0}))
    assert agent(ada) == {**ROW, "undelivered": 0}


def test_adding_begins_at_zero(ada: Store) -> None:
    ada.write(change(add={"epoch": 2, "pending": 1, "inflight": -1}))
    assert agent(ada) == {**ROW, "epoch": 5, "pending": 1, "inflight": -1}


def test_a_set_grows_and_shrinks(ada: Store) -> None:
    ada.write(change(insert={"open": frozenset({"b", "c"}), "fresh": frozenset({"z"})}))
    ada.write(change(discard={"open": frozenset({"a", "never"})}))
    assert agent(ada) == {**ROW, "open": frozenset({"b", "c"}), "fresh": frozenset({"z"})}


def test_a_set_that_loses_its_last_member_is_gone(ada: Store) -> None:
    ada.write(change(discard={"open": frozenset({"a", "b"})}))
    assert "open" not in agent(ada)


def test_discarding_from_nothing_is_nothing(store: Store) -> None:
    store.write(change(discard={"open": frozenset({"a"})}))
    assert agent(store) == ADA


def test_removing_what_is_not_there_is_nothing(ada: Store) -> None:
    ada.write(change(remove=("status", "stages", "never")))
    assert agent(ada) == {**ADA, "epoch": 3, "open": ROW["open"]}


def test_a_path_reaches_into_a_map(ada: Store) -> None:
    ada.write(change(set={"stages.ready": "later"}))
    assert agent(ada)["stages"] == {"queued": "now", "ready": "later"}
    ada.write(change(set={"stages.ready": None}))
    assert agent(ada)["stages"] == {"queued": "now"}


def test_one_update_gives_the_item_as_it_is_then(ada: Store) -> None:
    assert ada.write(change(set={"epoch": 4})) == {**ROW, "epoch": 4}


def test_other_writes_give_nothing(store: Store) -> None:
    other = Update(Table.CONNECTIONS, {"connectionId": "c"}, add={"n": 1})
    assert store.write(Put(AGENTS, ROW)) == {}
    assert store.write(change(add={"n": 1}), other) == {}
    assert store.write(Delete(AGENTS, ADA)) == {}


def test_a_deleted_item_is_gone_and_may_be_deleted_again(ada: Store) -> None:
    ada.write(Delete(AGENTS, ADA))
    ada.write(Delete(AGENTS, ADA))
    assert ada.get(AGENTS, ADA) is None


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Missing("address"), True),
        (Missing("status"), False),
        (Exists("status"), True),
        (Exists("address"), False),
        (Equals("status", "Idle"), True),
        (Equals("status", "Running"), False),
        (Equals("address", "x"), False),
        (Equals("stages.queued", "now"), True),
        (Exists("stages.ready"), False),
        (OneOf("status", ("Running", "Idle")), True),
        (OneOf("status", ("Running",)), False),
        (OneOf("address", ("x",)), False),
        (Below("epoch", 4), True),
        (Below("epoch", 3), False),
        (Below("address", 3), False),
        (MissingOrBelow("epoch", 4), True),
        (MissingOrBelow("epoch", 3), False),
        (MissingOrBelow("address", 3), True),
        (AtMost("epoch", 3), True),
        (AtMost("epoch", 2), False),
        (AtMost("status", "Jdle"), True),
        (AtMost("address", "x"), False),
    ],
)
def test_a_condition_decides_whether_the_write_happens(ada: Store, condition: Condition, holds: bool) -> None:
    write = change(set={"touched": True}, when=(Exists("userId"), condition))
    if holds:
        ada.write(write)
    else:
        with pytest.raises(ConditionFailed):
            ada.write(write)
    assert ("touched" in agent(ada)) is holds


def test_no_comparison_holds_for_an_item_that_is_not_there(store: Store) -> None:
    for condition in (Exists("userId"), Equals("epoch", 0), Below("epoch", 9), AtMost("epoch", 9)):
        with pytest.raises(ConditionFailed):
            store.write(change(set={"epoch": 1}, when=(condition,)))
    assert store.get(AGENTS, ADA) is None


def test_puts_and_deletes_have_conditions_too(ada: Store) -> None:
    with pytest.raises(ConditionFailed):
        ada.write(Put(AGENTS, {**ADA, "epoch": 9}, when=(Missing("userId"),)))
    with pytest.raises(ConditionFailed):
        ada.write(Delete(AGENTS, ADA, when=(Equals("epoch", 4),)))
    assert agent(ada) == ROW
    ada.write(Delete(AGENTS, ADA, when=(Equals("epoch", 3),)))
    assert ada.get(AGENTS, ADA) is None


def test_a_check_changes_nothing_and_stops_everything(ada: Store) -> None:
    other = Put(Table.CONNECTIONS, {"connectionId": "c"})
    ada.write(Check(AGENTS, ADA, (Equals("epoch", 3),)), other)
    assert agent(ada) == ROW
    with pytest.raises(ConditionFailed):
        ada.write(Delete(Table.CONNECTIONS, {"connectionId": "c"}), Check(AGENTS, ADA, (Equals("epoch", 4),)))
    assert ada.get(Table.CONNECTIONS, {"connectionId": "c"})


def test_a_transaction_is_all_or_nothing(ada: Store) -> None:
    fresh = Put(Table.PENDING_MESSAGES, {**ADA, "sk": "in#1"}, when=(Missing("userId"),))
    gone = Delete(Table.CONNECTIONS, {"connectionId": "c"}, when=(Exists("connectionId"),))
    with pytest.raises(ConditionFailed):
        ada.write(fresh, change(add={"pending": 1}), gone)
    assert ada.get(Table.PENDING_MESSAGES, {**ADA, "sk": "in#1"}) is None
    assert agent(ada) == ROW
    ada.write(fresh, change(add={"pending": 1}))
    assert agent(ada)["pending"] == 1


def test_a_transaction_touches_an_item_only_once(ada: Store) -> None:
    with pytest.raises(Exception, match=r"multiple operations on one item|only once"):
        ada.write(change(add={"pending": 1}), change(add={"inflight": 1}))
    assert agent(ada) == ROW
