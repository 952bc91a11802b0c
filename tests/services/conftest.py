from __future__ import annotations

import pytest

from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    """A laptop is connected, and the agent has never run."""
    world = World()
    world.connect("laptop")
    return world


@pytest.fixture
def awake(world: World) -> World:
    """The agent runs, and nothing waits."""
    world.services.lifecycle.start("ada")
    world.run()
    world.push.frames.clear()
    return world
