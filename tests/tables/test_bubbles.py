from chalicelib.store import Store
from chalicelib.tables.bubbles import Bubble, Bubbles
from tests.fakes.clock import NOON


def test_who_keeps_a_message_first_wins(store: Store) -> None:
    bubbles = Bubbles(store)

    assert bubbles.begin("ada", "t1", 7, NOON)
    assert not bubbles.begin("ada", "t1", 8, NOON)
    assert bubbles.get("ada", "t1") == Bubble((7,), 0)
    assert bubbles.get("ada", "t2") == Bubble((), 0)


def test_a_message_is_added_behind_the_ones_that_are_known(store: Store) -> None:
    bubbles = Bubbles(store)

    assert bubbles.keep("ada", "t1", Bubble((), 0), Bubble((7,), 2), NOON)
    assert not bubbles.keep("ada", "t1", Bubble((), 0), Bubble((9,), 2), NOON)
    assert bubbles.keep("ada", "t1", Bubble((7,), 2), Bubble((7, 8), 2), NOON)
    assert bubbles.get("ada", "t1") == Bubble((7, 8), 2)


def test_messages_that_are_gone_can_be_replaced(store: Store) -> None:
    bubbles = Bubbles(store)
    bubbles.begin("ada", "t1", 7, NOON)

    assert bubbles.keep("ada", "t1", Bubble((7,), 0), Bubble((), 2), NOON)
    assert bubbles.keep("ada", "t1", Bubble((), 2), Bubble((8,), 2), NOON)
    assert bubbles.get("ada", "t1").messages == (8,)


def test_an_older_container_finds_that_it_is_not_the_newest(store: Store) -> None:
    bubbles = Bubbles(store)
    bubbles.begin("ada", "t1", 7, NOON)

    assert bubbles.own("ada", "t1", 3).epoch == 3
    assert bubbles.own("ada", "t1", 2).epoch == 3
    assert bubbles.own("ada", "t2", 2) == Bubble((), 0)
