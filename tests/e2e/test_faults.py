"""Deaths of real processes: each message is answered once and in order, and OpenClaw remembers what history shows.

A death meets several conversations, each at another moment of its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from local.aws.outage import SPOT_SIGN
from tests.e2e.processes import kill
from tests.e2e.product import Product, wait_for
from tests.e2e.scene import LAST_WORD, STORY, Scene

SLOW_END = "[[n=8]] [[delay=1.5]]"  # its last word leaves time for an ack, on a slow machine too
SLOW_STORY = "[[n=60]] [[delay=0.2]]"


@pytest.fixture
def scenes(hurt: Product) -> Iterator[Callable[[], Scene]]:
    """More conversations, each on a page of its own."""
    opened: list[Scene] = []

    def begin() -> Scene:
        opened.append(Scene(hurt))
        opened[-1].greet()
        return opened[-1]

    yield begin
    for scene in opened:
        scene.page.close()


def test_a_bridge_killed_at_each_moment_of_a_turn(scenes: Callable[[], Scene]) -> None:
    ending, middle, waiting, acked = (scenes() for _ in range(4))
    last = ending.say(f"a story that ends {SLOW_END}")
    ending.page.wait(lambda frame: "w3" in str(frame.get("content")), "the middle of the first answer")
    begun = middle.begin(SLOW_STORY)
    late = waiting.say("a late story [[ttft=8]] [[n=5]]")
    wait_for(lambda: waiting.cloud.agent().inflight == 3, "three running turns")
    bridge = ending.bridge()
    ending.page.wait(lambda frame: "w6" in str(frame.get("content")), "the last but one word")
    heard = acked.say(f"a story {STORY}")
    kill(bridge)

    middle.told("died")
    for scene, turn in ((ending, last), (middle, begun), (waiting, late), (acked, heard)):
        scene.check(turn)
    assert LAST_WORD in middle.page.answer(begun)


def test_an_openclaw_killed_in_mid_answer(scene: Scene) -> None:
    turn = scene.begin()
    kill(scene.openclaw())

    assert scene.told("openclaw_lost")["status"] == "running"
    scene.check(turn)
    assert scene.remembered() == 3


@pytest.mark.soak
def test_an_openclaw_killed_before_the_first_word(scene: Scene) -> None:
    turn = scene.say(f"a story {STORY}")
    kill(scene.openclaw())

    scene.check(turn)
    assert scene.remembered() == 3


@pytest.mark.soak
def test_both_killed_in_mid_answer(scene: Scene) -> None:
    turn = scene.begin()
    kill(scene.openclaw())
    kill(scene.bridge())

    scene.check(turn)


def test_a_machine_that_spot_takes_back_in_mid_answer_loses_nothing(scene: Scene) -> None:
    """Both programs are told to end at once."""
    turn = scene.begin()
    (scene.product.state / SPOT_SIGN).touch()

    scene.told("reclaimed")
    scene.check(turn)
    assert scene.remembered() == 3
