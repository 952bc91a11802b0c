"""The agent as its owner sees and steers it, and what an owner may choose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.agent import State
from chalicelib.domain.estimate import SHIPPED, Estimate
from chalicelib.domain.settings import Settings
from chalicelib.errors import AgentBusy, InvalidMessage
from tests.fakes.world import USER, World


def test_the_status_of_an_agent_that_never_ran_is_idle(world: World) -> None:
    agent, estimate = world.services.lifecycle.status(USER)
    assert (agent.state, estimate) == (State.IDLE, SHIPPED)


def test_the_status_tells_how_long_a_start_takes(awake: World) -> None:
    awake.services.rows.starts.record(awake.agent, awake.clock() + timedelta(seconds=31))
    assert awake.services.lifecycle.status(USER)[1] == Estimate(31.0, 46.5)


def test_an_owner_can_start_the_agent_without_a_word(world: World) -> None:
    assert world.services.lifecycle.start(USER).state is State.STARTING
    assert world.tasks.running == ["task/ada/1"]
    assert world.push.types("laptop") == ["status"]


def test_an_owner_can_put_a_quiet_agent_to_sleep(awake: World) -> None:
    assert awake.services.lifecycle.stop(USER).state is State.STOPPING
    assert awake.tasks.stops == [("task/ada/1", "stopped by its owner")]
    assert awake.push.last("laptop", "status")["status"] == "stopping"


def test_an_agent_that_works_is_not_put_to_sleep(awake: World) -> None:
    awake.send(1)
    with pytest.raises(AgentBusy):
        awake.services.lifecycle.stop(USER)
    assert awake.agent.state is State.RUNNING
    assert awake.tasks.stops == []


def test_a_start_can_be_called_off(world: World) -> None:
    world.services.lifecycle.start(USER)
    assert world.services.lifecycle.stop(USER).state is State.STOPPING
    assert world.tasks.running == []


def test_putting_a_sleeping_agent_to_sleep_is_done_already(world: World) -> None:
    assert world.services.lifecycle.stop(USER).state is State.IDLE
    world.services.lifecycle.start(USER)
    world.services.lifecycle.stop(USER)
    assert world.services.lifecycle.stop(USER).state is State.STOPPING
    assert len(world.tasks.stops) == 1


def test_nothing_is_chosen_at_first(world: World) -> None:
    assert world.services.settings.get(USER) == Settings(None, 15, None, "full")


def test_a_choice_is_kept(world: World) -> None:
    chosen = world.services.settings.change(USER, {"model": "demo/demo-1", "idleMinutes": 60, "language": "ko"})
    assert chosen == Settings("demo/demo-1", 60, "ko", "full", chosen=True) == world.services.settings.get(USER)
    assert world.services.settings.change(USER, {"model": None}) == Settings(None, 60, "ko", "full", chosen=True)
    assert world.services.settings.change(USER, {"idleMinutes": 5}) == Settings(None, 5, "ko", "full", chosen=True)
    assert world.services.settings.get("bob") == Settings(None, 15, None, "full")


def test_how_long_it_may_work_by_itself_is_a_night_until_its_owner_chooses(world: World) -> None:
    assert world.services.settings.get(USER).own_work_hours == 8
    assert world.services.settings.change(USER, {"ownWorkHours": 24}).own_work_hours == 24
    chosen = world.services.settings.get(USER)
    assert (chosen.own_work_hours, chosen.chosen) == (24, False)


def test_what_the_agent_may_do_is_kept_and_has_a_default_of_the_deployment(world: World) -> None:
    assert world.services.settings.change(USER, {"permissionMode": "guarded"}).permission_mode == "guarded"
    assert world.services.settings.change(USER, {"permissionMode": None}).permission_mode == "full"
    careful = replace(world.services.settings, default_mode="guarded")
    assert careful.get(USER).permission_mode == "guarded"
    assert careful.change(USER, {"permissionMode": "full"}).permission_mode == "full"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"model": "openai/gpt-5.4"}, "model is 'openai/gpt-5.4', possible: demo/demo-1"),
        ({"model": 7}, "model is 7"),
        ({"permissionMode": "none"}, "permissionMode is 'none', possible: full, guarded"),
        ({"language": "fr"}, "language is 'fr', possible: en, ko"),
        ({"idleMinutes": 0}, "wanted a whole number from 1 to 1440"),
        ({"idleMinutes": 1441}, "idleMinutes is 1441"),
        ({"idleMinutes": 1.5}, "idleMinutes is 1.5"),
        ({"idleMinutes": True}, "idleMinutes is True"),
        ({"idleMinutes": None}, "idleMinutes is None"),
        ({"ownWorkHours": 0}, "ownWorkHours is 0, wanted a whole number from 1 to 24"),
        ({"ownWorkHours": 25}, "ownWorkHours is 25"),
        ({"ownWorkHours": True}, "ownWorkHours is True"),
    ],
)
def test_a_choice_that_is_none_is_refused_before_anything_is_written(
    world: World, body: dict[str, Any], words: str
) -> None:
    with pytest.raises(InvalidMessage, match=words):
        world.services.settings.change(USER, {"language": "en", **body})
    assert world.services.settings.get(USER) == Settings(None, 15, None, "full")


def test_the_models_are_those_with_a_key() -> None:
    models = World("openai").services.settings.models()
    assert {model.provider for model in models.models} == {"openai"}
    assert (models.default, models.demo) == ("openai/gpt-5.4", False)


def test_without_a_key_the_demo_model_answers(world: World) -> None:
    assert world.services.settings.models().demo
