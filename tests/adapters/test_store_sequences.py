"""Whatever is written in whatever order, the store in memory and DynamoDB hold the same afterwards."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import ConditionFailed
from chalicelib.store import (
    AtMost,
    Below,
    Check,
    Delete,
    Equals,
    Exists,
    Item,
    Missing,
    OneOf,
    Put,
    Store,
    Table,
    Update,
    Write,
)
from tests.fakes.dynamodb import fresh_tables
from tests.fakes.store import MemoryStore

INBOX = Table.PENDING_MESSAGES
numbers = st.integers(-3, 3)
words = st.sampled_from(["", "a", "b", "한 🎉"])
members = st.frozensets(st.sampled_from(["x", "y", "z"]), min_size=1)
values = st.one_of(numbers, words, st.booleans(), st.none())
keys = st.builds(lambda user, sk: {"userId": user, "sk": sk}, st.sampled_from(["ada", "bob"]), st.sampled_from("12"))
condition = st.one_of(
    st.builds(Missing, st.sampled_from(["userId", "count", "word"])),
    st.builds(Exists, st.sampled_from(["userId", "count", "open"])),
    st.builds(Equals, st.just("count"), numbers),
    st.builds(OneOf, st.just("word"), st.tuples(words, words)),
    st.builds(Below, st.just("count"), numbers),
    st.builds(AtMost, st.just("count"), numbers),
)
conditions = st.one_of(st.just(()), st.tuples(condition), st.tuples(condition, condition))


def puts(key: Item, word: str | None, count: int, when: Any) -> Put:
    return Put(INBOX, {**key, "word": word, "count": count, "map": {"fixed": True}}, when)


@st.composite
def updates(draw: st.DrawFn) -> Update:
    """Names several attributes, each by one verb: DynamoDB refuses two for one attribute."""
    verbs: dict[str, Any] = {"set": draw(st.fixed_dictionaries({}, optional={"free": values, "other": values}))}
    if draw(st.booleans()):
        verbs["default"] = {"word": draw(words)}
    else:
        verbs["remove"] = ("word",)
    verbs["add"] = draw(st.sampled_from([{}, {"count": 1}, {"count": -2}]))
    verbs[draw(st.sampled_from(["insert", "discard"]))] = {"open": draw(members)}
    return Update(INBOX, draw(keys), when=draw(conditions), **verbs)


writes: st.SearchStrategy[Write] = st.one_of(
    st.builds(puts, keys, st.none() | words, numbers, conditions),
    updates(),
    st.builds(Delete, st.just(INBOX), keys, conditions),
)
checks: st.SearchStrategy[Write] = st.builds(Check, st.just(INBOX), keys, st.tuples(condition))


def place(write: Write) -> tuple[str, str]:
    key = write.item if isinstance(write, Put) else write.key
    return key["userId"], key["sk"]


transactions = st.lists(st.one_of(writes, checks), max_size=3).filter(
    lambda writes: 0 < len(writes) == len(set(map(place, writes)))
)


def outcome(store: Store, writes: list[Write]) -> Item | str:
    try:
        return store.write(*writes)
    except ConditionFailed:
        return "refused"


@settings(max_examples=25, deadline=None, derandomize=True)
@given(history=st.lists(transactions, max_size=8))
def test_both_stores_answer_and_hold_the_same_after_any_writes(moto: None, history: list[list[Write]]) -> None:
    memory, dynamodb = MemoryStore(), fresh_tables()
    for step in history:
        assert outcome(memory, step) == outcome(dynamodb, step)
    for user in ("ada", "bob"):
        assert list(memory.query(INBOX, user)) == list(dynamodb.query(INBOX, user))
