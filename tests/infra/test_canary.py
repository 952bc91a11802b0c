"""What answers while a canary is tried is the canary."""

from __future__ import annotations

import pytest

from infra.errors import CheckFailed
from infra.steps.canary import OwnStarts
from tests.fakes.world import USER, World


def test_an_answer_of_the_image_in_use_is_none_of_the_canarys() -> None:
    world = World()
    starts = OwnStarts(world.services.lifecycle, USER)
    world.connect("laptop")
    starts.wake()
    world.send(1)
    starts.check()

    world.tasks.end("task/ada/1")
    world.services.watchdog.run()

    with pytest.raises(CheckFailed, match="image in use answered"):
        starts.check()
    with pytest.raises(CheckFailed):
        starts.wake()


def test_a_canary_that_sleeps_and_wakes_is_the_canary() -> None:
    world = World()
    starts = OwnStarts(world.services.lifecycle, USER)
    starts.wake()
    world.run()
    world.services.lifecycle.stop(USER)
    world.agents.stopped(world.agent, world.clock())
    starts.wake()
    starts.check()
    assert world.agent.epoch == 2
