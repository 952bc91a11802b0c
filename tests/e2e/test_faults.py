"""Deaths of real processes: each message is answered once and in order, and OpenClaw remembers what history shows."""

from __future__ import annotations

import os
import signal

from tests.e2e.processes import kill
from tests.e2e.product import wait_for
from tests.e2e.scene import LAST_WORD, STORY, Scene


def test_a_bridge_killed_in_mid_answer(scene: Scene) -> None:
    turn = scene.begin()
    kill(scene.bridge())

    scene.told("died")
    scene.check(turn)
    assert LAST_WORD in scene.page.answer(turn)


def test_a_bridge_killed_right_after_the_ack(scene: Scene) -> None:
    turn = scene.say(f"a story {STORY}")
    kill(scene.bridge())

    scene.check(turn)


def test_a_bridge_killed_before_the_first_word(scene: Scene) -> None:
    turn = scene.say("a late story [[ttft=3]] [[n=5]]")
    wait_for(lambda: scene.cloud.agent().inflight, "a running turn")
    kill(scene.bridge())

    scene.check(turn)


def test_a_bridge_killed_just_before_the_end(scene: Scene) -> None:
    turn = scene.say(f"a story {STORY}")
    scene.page.wait(lambda frame: "w57" in str(frame.get("content")), "the last but one word")
    kill(scene.bridge())

    scene.check(turn)


def test_an_openclaw_killed_in_mid_answer(scene: Scene) -> None:
    turn = scene.begin()
    kill(scene.openclaw())

    assert scene.told("openclaw_lost")["status"] == "running"
    scene.check(turn)
    assert scene.remembered() == 3


def test_an_openclaw_killed_before_the_first_word(scene: Scene) -> None:
    turn = scene.say(f"a story {STORY}")
    kill(scene.openclaw())

    scene.check(turn)
    assert scene.remembered() == 3


def test_both_killed_in_mid_answer(scene: Scene) -> None:
    turn = scene.begin()
    kill(scene.openclaw())
    kill(scene.bridge())

    scene.check(turn)


def test_a_bridge_told_to_end_in_mid_answer_loses_nothing(scene: Scene) -> None:
    turn = scene.begin()
    os.kill(scene.bridge(), signal.SIGTERM)

    scene.told("reclaimed")
    scene.check(turn)
    assert scene.remembered() == 3
