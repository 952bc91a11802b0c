"""A task is two processes: started with what they may know, ended together, told as ECS tells it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from local.aws.definition import Definition
from local.aws.ecs import Ecs, EcsError
from local.aws.journal import Journal
from local.aws.outage import FAILING_SIGN, SPOT_SIGN
from local.aws.runner import TaskRunner
from local.aws.task import AGENT, BRIDGE, EcsTask, Status, StopCode, StopReason
from local.names import CLUSTER_ARN, SECURITY_GROUP, SUBNET, TASK_DEFINITION_ARN
from local.store import SqliteStore
from tests.local.waiting import wait_until

# Writes what it was told, then waits; on SIGTERM writes when it ended.
PROGRAM = """
import json, os, pathlib, signal, sys, time
place = pathlib.Path(os.environ["TOLD"], pathlib.Path(os.environ["CONTROL_DIR"]).name)
place.mkdir(parents=True, exist_ok=True)
def end(*_):
    (place / (sys.argv[1] + ".ended")).write_text(str(time.monotonic()))
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
draft = place / (sys.argv[1] + ".draft")
draft.write_text(json.dumps({"pid": os.getpid(), **os.environ}))
draft.rename(place / (sys.argv[1] + ".json"))
while True:
    signal.pause()
"""
STUBBORN = PROGRAM.replace("signal.SIGTERM, end", "signal.SIGTERM, signal.SIG_IGN")


def command(name: str) -> list[str]:
    return [sys.executable, "-S", "-c", PROGRAM, name]


def definition(tmp_path: Path, **changes: Any) -> Definition:
    config: dict[str, Any] = {
        "root": tmp_path,
        "state": tmp_path / "state",
        "logs": tmp_path / "logs",
        "basics": {"PATH": os.environ["PATH"], "TOLD": str(tmp_path / "told")},
        "environment": {BRIDGE: {"AWS_ACCESS_KEY_ID": "local", "STAGE": "local"}, AGENT: {"LLM_MODEL": "demo/demo-1"}},
        "commands": {name: command(name) for name in (BRIDGE, AGENT)},
        "stop_timeout": 5.0,
        "pause": 0.0,
    }
    return Definition(**config | changes)


def made(tmp_path: Path, **changes: Any) -> TaskRunner:
    return TaskRunner(definition(tmp_path, **changes), Journal(SqliteStore(tmp_path / "tasks.sqlite")))


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[TaskRunner]:
    running = made(tmp_path)
    yield running
    running.close(0.3)
    running.journal.store.close()


def overrides(user: str = "ada") -> dict[str, dict[str, str]]:
    return {BRIDGE: {"USER_ID": user, "EPOCH": "1", "BRIDGE_KEY": "00" * 32}}


def told(tmp_path: Path, name: str, task: str = "*") -> Mapping[str, Any]:
    """What a program found in its environment; with one task it need not be named."""
    place = tmp_path / "told"
    wait_until(lambda: any(place.glob(f"{task}/{name}.json")))
    facts: Mapping[str, Any] = json.loads(next(place.glob(f"{task}/{name}.json")).read_text())
    return facts


def stopped(task: EcsTask) -> EcsTask:
    wait_until(lambda: task.status is Status.STOPPED)
    return task


def test_the_agent_never_sees_the_bridges_key_or_the_clouds(runner: TaskRunner, tmp_path: Path) -> None:
    runner.run(overrides())
    agent, bridge = told(tmp_path, AGENT), told(tmp_path, BRIDGE)
    assert not [name for name in agent if name.startswith(("AWS_", "BRIDGE_"))]
    assert not [name for name in {**agent, **bridge} if name.endswith("_API_KEY")]
    assert (bridge["BRIDGE_KEY"], bridge["AWS_ACCESS_KEY_ID"]) == ("00" * 32, "local")
    shared = ("STATE_DIR", "CONTROL_DIR", "GATEWAY_PORT")
    assert [agent[name] for name in shared] == [bridge[name] for name in shared]


def test_tasks_inherit_nothing_of_the_launchers_environment(tmp_path: Path) -> None:
    os.environ["LOCAL_TEST_SECRET"] = "1"
    runner = made(tmp_path)
    try:
        runner.run(overrides())
        assert "LOCAL_TEST_SECRET" not in {**told(tmp_path, AGENT), **told(tmp_path, BRIDGE)}
    finally:
        del os.environ["LOCAL_TEST_SECRET"]
        runner.close(0.3)
        runner.journal.store.close()


def test_every_task_has_addresses_and_folders_of_its_own(runner: TaskRunner, tmp_path: Path) -> None:
    first, second = (told(tmp_path, BRIDGE, runner.run(overrides()).id) for _ in range(2))
    for name in ("STATE_DIR", "CONTROL_DIR", "BRIDGE_ADDRESS", "GATEWAY_PORT"):
        assert first[name] != second[name]


def test_a_task_leaves_nothing_on_the_disk(runner: TaskRunner, tmp_path: Path) -> None:
    """As on Fargate: what is to stay has to be in the bucket."""
    task = runner.run(overrides())
    for name in ("STATE_DIR", "TMPDIR"):
        (Path(told(tmp_path, BRIDGE)[name]) / "memory").write_text("of the agent")
    runner.stop(task.arn)
    stopped(task)
    assert list((tmp_path / "state" / "tasks").iterdir()) == []


def test_a_stop_ends_the_bridge_before_the_agent(runner: TaskRunner, tmp_path: Path) -> None:
    task = runner.run(overrides())
    told(tmp_path, BRIDGE), told(tmp_path, AGENT)
    assert task.status is Status.RUNNING
    runner.stop(task.arn, "idle")
    assert stopped(task).stop_reason == StopReason(StopCode.USER, "idle")
    bridge, agent = (float((tmp_path / "told" / task.id / f"{name}.ended").read_text()) for name in (BRIDGE, AGENT))
    assert bridge < agent
    assert [container.exit_code for container in task.containers.values()] == [0, 0]


@pytest.mark.parametrize("name", [BRIDGE, AGENT])
def test_the_end_of_either_program_ends_the_task(runner: TaskRunner, tmp_path: Path, name: str) -> None:
    task = runner.run(overrides())
    told(tmp_path, BRIDGE), told(tmp_path, AGENT)
    os.kill(told(tmp_path, name)["pid"], signal.SIGKILL)
    facts = stopped(task).describe()
    assert facts["stopCode"] == "EssentialContainerExited"
    assert {container["name"]: container["exitCode"] for container in facts["containers"]}[name] == 137


def test_a_task_is_provisioned_and_pending_before_it_runs_and_can_be_stopped_until_then(tmp_path: Path) -> None:
    runner = made(tmp_path, pause=0.2)
    tasks, seen = [runner.run(overrides()) for _ in range(2)], list[str]()
    runner.stop(tasks[1].arn, "not wanted any more")
    while seen[-1:] != ["RUNNING"]:
        status = Ecs(runner).describe_tasks({"tasks": [tasks[0].arn]})["tasks"][0]["lastStatus"]
        seen += [status] if status not in seen else []
        time.sleep(0.02)
    assert seen == ["PROVISIONING", "PENDING", "RUNNING"]
    assert stopped(tasks[1]).stop_reason == StopReason(StopCode.USER, "not wanted any more")
    assert not (tmp_path / "told" / tasks[1].id).exists()
    runner.close(0.3)
    runner.journal.store.close()


def test_a_task_whose_image_cannot_be_pulled_stops_with_ecs_words(runner: TaskRunner, tmp_path: Path) -> None:
    words = "CannotPullContainerError: pull image manifest has been retried 7 time(s): not found"
    (tmp_path / "state").mkdir(exist_ok=True)
    (tmp_path / "state" / FAILING_SIGN).write_text(words)
    facts = stopped(runner.run(overrides())).describe()
    assert (facts["stopCode"], facts["stoppedReason"]) == ("TaskFailedToStart", words)
    assert not [container for container in facts["containers"] if "exitCode" in container]


def test_spot_tells_both_programs_at_once(tmp_path: Path) -> None:
    slow = PROGRAM.replace("def end(*_):", "def end(*_):\n    time.sleep(0.5 * (sys.argv[1] == 'bridge'))")
    commands = {name: [sys.executable, "-S", "-c", slow, name] for name in (BRIDGE, AGENT)}
    runner = made(tmp_path, commands=commands)
    task = runner.run(overrides())
    told(tmp_path, BRIDGE), told(tmp_path, AGENT)
    (tmp_path / "state" / SPOT_SIGN).touch()
    facts = stopped(task).describe()
    assert (facts["stopCode"], facts["stoppedReason"]) == ("SpotInterruption", "Your Spot Task was interrupted.")
    bridge, agent = (float((tmp_path / "told" / task.id / f"{name}.ended").read_text()) for name in (BRIDGE, AGENT))
    assert agent < bridge
    other = runner.run(overrides())
    told(tmp_path, BRIDGE, other.id)
    assert other.status is Status.RUNNING
    runner.close(1.5)
    runner.journal.store.close()


def test_a_bridge_that_does_not_listen_is_killed_after_its_time(tmp_path: Path) -> None:
    stubborn = {BRIDGE: [sys.executable, "-S", "-c", STUBBORN, BRIDGE], AGENT: command(AGENT)}
    runner = made(tmp_path, commands=stubborn, stop_timeout=0.2)
    task = runner.run(overrides())
    told(tmp_path, AGENT), told(tmp_path, BRIDGE)
    runner.stop(task.arn)
    assert stopped(task).containers[BRIDGE].exit_code == 137
    runner.close(0.1)
    runner.journal.store.close()


def test_the_same_client_token_gives_the_same_task(runner: TaskRunner) -> None:
    first, second = (runner.run(overrides(), token="epoch-1") for _ in range(2))
    assert first is second
    assert len(runner.tasks()) == 1


def test_while_everything_ends_nothing_starts(runner: TaskRunner) -> None:
    runner.close(0.1)
    assert Ecs(runner).run_task(request()) == {
        "tasks": [],
        "failures": [{"reason": "Capacity is unavailable at this time."}],
    }


def test_a_program_that_cannot_be_started_is_a_stopped_task_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    runner = made(tmp_path)
    task = stopped(runner.run(overrides()))
    assert task.describe()["stopCode"] == "TaskFailedToStart"
    runner.close(0.1)
    runner.journal.store.close()


def test_a_task_that_was_killed_with_the_product_is_told_to_have_stopped(runner: TaskRunner, tmp_path: Path) -> None:
    task = runner.run(overrides(), "ada/1")
    told(tmp_path, BRIDGE)
    store = SqliteStore(tmp_path / "tasks.sqlite")
    (found,) = Ecs(TaskRunner(definition(tmp_path, state=tmp_path / "new"), Journal(store))).describe_tasks(
        {"tasks": [task.arn]}
    )["tasks"]
    store.close()
    assert (found["lastStatus"], found["startedBy"], found["stoppedReason"]) == (
        "STOPPED",
        "ada/1",
        "The product was killed.",
    )


def request(**changes: Any) -> dict[str, Any]:
    network = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [SECURITY_GROUP]}}
    pairs = [{"name": name, "value": value} for name, value in overrides()[BRIDGE].items()]
    return {
        "cluster": CLUSTER_ARN,
        "taskDefinition": TASK_DEFINITION_ARN,
        "networkConfiguration": network,
        "overrides": {"containerOverrides": [{"name": BRIDGE, "environment": pairs}]},
        **changes,
    }


def test_looking_at_a_task_does_not_change_it(runner: TaskRunner, tmp_path: Path) -> None:
    ecs = Ecs(runner)
    (task,) = ecs.run_task(request(startedBy="ada-1"))["tasks"]
    told(tmp_path, BRIDGE)
    seen = {ecs.describe_tasks({"tasks": [task["taskArn"]]})["tasks"][0]["lastStatus"] for _ in range(10)}
    assert seen == {"RUNNING"}


def test_tasks_are_listed_by_who_started_them_while_they_are_wanted(runner: TaskRunner) -> None:
    ecs = Ecs(runner)
    arns = [ecs.run_task(request(startedBy=starter))["tasks"][0]["taskArn"] for starter in ("ada-1", "bob-1")]
    assert ecs.list_tasks({"startedBy": "ada-1"}) == {"taskArns": arns[:1]}
    ecs.stop_task({"task": arns[0]})
    assert ecs.list_tasks({}) == {"taskArns": arns[1:]}
    assert ecs.list_tasks({"desiredStatus": "STOPPED"}) == {"taskArns": arns[:1]}


def test_an_unknown_task_is_missing_and_cannot_be_stopped(runner: TaskRunner) -> None:
    ecs = Ecs(runner)
    assert ecs.describe_tasks({"tasks": ["arn:x"]}) == {
        "tasks": [],
        "failures": [{"arn": "arn:x", "reason": "MISSING"}],
    }
    with pytest.raises(EcsError, match="not found"):
        ecs.stop_task({"task": "arn:x"})


@pytest.mark.parametrize(
    "wrong",
    [{"cluster": "other"}, {"taskDefinition": "other"}, {"networkConfiguration": {}}],
    ids=["cluster", "definition", "network"],
)
def test_a_wrong_request_starts_nothing(runner: TaskRunner, wrong: dict[str, Any]) -> None:
    with pytest.raises(EcsError):
        Ecs(runner).handle("RunTask", request(**wrong))
    assert runner.tasks() == []
