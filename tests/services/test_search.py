"""Search over one's own conversations: what is found, in which order, and how much of it at a time."""

from __future__ import annotations

import pytest

from chalicelib.domain.search import Hit
from chalicelib.errors import RateLimited
from chalicelib.services.search import Found, Search
from tests.fakes.values import OTHER_TURN, TALK
from tests.fakes.world import USER, World


@pytest.fixture
def spoken(awake: World) -> World:
    """Two conversations, the second of them newer."""
    for number, talk, text, answer in (
        (1, TALK, "What is the weather in Seoul?", "It rains in Seoul."),
        (2, TALK, "And tomorrow?", "The sun shines."),
        (3, OTHER_TURN, "Plans for Seoul", "Go to 경복궁 first."),
    ):
        awake.clock.advance(minutes=1)
        awake.send(number, text, talk=talk)
        awake.answer(answer)
    return awake


def places(found: Found) -> list[tuple[str, int | None]]:
    return [(hit.conversation_id, hit.seq) for hit in found.hits]


def test_titles_and_what_was_said_newest_first(spoken: World) -> None:
    found = spoken.services.search.find(USER, "seoul")
    assert places(found) == [(OTHER_TURN, None), (OTHER_TURN, 5), (TALK, None), (TALK, 2), (TALK, 1)]
    assert found.after is None
    assert found.hits[3] == Hit(
        TALK, "What is the weather in Seoul?", found.hits[3].at, "It rains in Seoul.", 2, "agent"
    )


def test_all_words_have_to_be_there(spoken: World) -> None:
    assert places(spoken.services.search.find(USER, "SEOUL rains")) == [(TALK, 2)]
    assert places(spoken.services.search.find(USER, "경복궁")) == [(OTHER_TURN, 6)]
    assert spoken.services.search.find(USER, "snow") == Found((), None)


def test_nobody_finds_what_another_said(spoken: World) -> None:
    assert spoken.services.search.find("bob", "seoul") == Found((), None)


def test_what_was_deleted_is_not_found_until_it_is_back(spoken: World) -> None:
    spoken.services.history.delete(USER, TALK)
    assert {hit.conversation_id for hit in spoken.services.search.find(USER, "seoul").hits} == {OTHER_TURN}
    spoken.services.history.change(USER, TALK, {"deleted": False})
    assert TALK in {hit.conversation_id for hit in spoken.services.search.find(USER, "seoul").hits}


def test_a_text_that_lies_in_the_bucket_is_searched_too(spoken: World) -> None:
    spoken.send(4, "Tell me all", talk=TALK)
    spoken.answer("long " * 100_000 + "needle")
    (hit,) = spoken.services.search.find(USER, "needle").hits
    assert (hit.seq, hit.excerpt[-6:]) == (8, "needle")


@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_parts_together_are_the_whole(spoken: World, most: int) -> None:
    whole = spoken.services.search.find(USER, "seoul").hits
    parts, after = list[Hit](), None
    while True:
        found = Search(spoken.services.history, spoken.services.limits, most_hits=most).find(USER, "seoul", after)
        assert len(found.hits) <= most
        parts += found.hits
        if (after := found.after) is None:
            break
    assert tuple(parts) == whole


@pytest.mark.parametrize("bound", [{"most_bytes": 1}, {"most_talks": 1}])
def test_a_call_reads_so_much_and_the_next_one_goes_on(spoken: World, bound: dict[str, int]) -> None:
    found = Search(spoken.services.history, spoken.services.limits, **bound).find(USER, "rains")
    assert (found.hits, found.after is None) == ((), False)
    after, calls = found.after, 1
    while after is not None:
        found = Search(spoken.services.history, spoken.services.limits, **bound).find(USER, "rains", after)
        after, calls = found.after, calls + 1
        assert calls < 20
        if found.hits:
            assert places(found) == [(TALK, 2)]
            return
    raise AssertionError("it was not found")


def test_a_conversation_that_goes_on_meanwhile_hides_no_other(spoken: World) -> None:
    first = Search(spoken.services.history, spoken.services.limits, most_hits=2).find(USER, "seoul")
    spoken.clock.advance(minutes=1)
    spoken.send(9, "more", talk=OTHER_TURN)
    spoken.answer("yes")
    second = spoken.services.search.find(USER, "seoul", first.after)
    assert set(places(second)) >= {(TALK, None), (TALK, 2), (TALK, 1)}


def test_a_conversation_that_comes_up_between_two_parts_is_looked_at_too(spoken: World) -> None:
    first = Search(spoken.services.history, spoken.services.limits, most_hits=1).find(USER, "seoul")
    assert places(first) == [(OTHER_TURN, None)]
    spoken.clock.advance(minutes=1)
    spoken.send(9, "more", talk=TALK)
    spoken.answer("yes")
    second = spoken.services.search.find(USER, "seoul", first.after)
    assert {(TALK, None), (TALK, 2), (TALK, 1), (OTHER_TURN, 5)} <= set(places(second))


def test_who_searches_without_end_is_told_when_to_come_again() -> None:
    world = World(limits="searches=2")
    for _ in range(2):
        world.services.search.find(USER, "x")
    with pytest.raises(RateLimited, match="too many searches"):
        world.services.search.find(USER, "x")
