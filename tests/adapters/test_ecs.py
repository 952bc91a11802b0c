"""Tasks on Fargate, against botocore's own idea of what ECS takes and answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from chalicelib.adapters.ecs import FargateTasks, Launch
from chalicelib.domain.agent import Agent, State
from chalicelib.domain.watchdog import Task
from chalicelib.errors import AgentUnavailable, NoCapacity, StartRefused
from tests.fakes.clock import NOON
from tests.fakes.values import KEY

ADA = Agent("ada", State.STARTING, epoch=7, bridge_key=KEY)
LAUNCH = Launch("cluster", "definition:3", ("subnet-a", "subnet-b"), ("group-a",))
ARN = "arn:aws:ecs:eu-central-1:1:task/cluster/7"
STARTED = {"tasks": [{"taskArn": ARN}], "failures": []}
REFUSED = {"tasks": [], "failures": [{"reason": "RESOURCE:FARGATE_SPOT"}]}


@dataclass
class Ecs:
    tasks: FargateTasks
    stub: Stubber
    asked: list[dict[str, Any]]


@pytest.fixture
def ecs(aws_environment: None) -> Iterator[Ecs]:
    client = boto3.client("ecs")
    asked: list[dict[str, Any]] = []
    client.meta.events.register("provide-client-params.ecs.RunTask", lambda params, **_: asked.append(params))
    with Stubber(client) as stub:
        yield Ecs(FargateTasks(lambda: client, LAUNCH), stub, asked)
        stub.assert_no_pending_responses()


def test_a_task_starts_on_spot_and_knows_whose_it_is(ecs: Ecs) -> None:
    ecs.stub.add_response("run_task", STARTED)
    assert ecs.tasks.run(ADA) == ARN
    (request,) = ecs.asked
    assert request["capacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    assert (request["cluster"], request["taskDefinition"], request["startedBy"]) == ("cluster", "definition:3", "ada/7")
    (override,) = request["overrides"]["containerOverrides"]
    assert override["name"] == "bridge"
    assert {pair["name"]: pair["value"] for pair in override["environment"]} == {
        "USER_ID": "ada",
        "EPOCH": "7",
        "BRIDGE_KEY": KEY,
    }
    assert request["networkConfiguration"]["awsvpcConfiguration"] == {
        "subnets": ["subnet-a", "subnet-b"],
        "securityGroups": ["group-a"],
        "assignPublicIp": "ENABLED",
    }


def test_without_spot_capacity_the_task_starts_on_demand(ecs: Ecs) -> None:
    ecs.stub.add_response("run_task", REFUSED)
    ecs.stub.add_response("run_task", STARTED)
    assert ecs.tasks.run(ADA) == ARN
    assert [request["capacityProviderStrategy"][0]["capacityProvider"] for request in ecs.asked] == [
        "FARGATE_SPOT",
        "FARGATE",
    ]


def test_a_refusal_by_error_is_a_refusal_too(ecs: Ecs) -> None:
    ecs.stub.add_client_error("run_task", "ClientException", "Capacity is unavailable", http_status_code=400)
    ecs.stub.add_response("run_task", STARTED)
    assert ecs.tasks.run(ADA) == ARN


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "User is not authorized to perform: iam:PassRole"),
        ("ClusterNotFoundException", "Cluster not found."),
        ("InvalidParameterException", "You've reached the limit on the number of vCPUs you can run concurrently"),
    ],
)
def test_a_refusal_for_another_reason_is_told_at_once_in_ecss_words(ecs: Ecs, code: str, words: str) -> None:
    ecs.stub.add_client_error("run_task", code, words, http_status_code=400)
    with pytest.raises(StartRefused, match=re.escape(f"{code}: {words}")):
        ecs.tasks.run(ADA)
    assert len(ecs.asked) == 1


def test_a_failure_in_the_answer_that_is_not_of_capacity_is_a_refusal(ecs: Ecs) -> None:
    ecs.stub.add_response("run_task", {"tasks": [], "failures": [{"reason": "INACTIVE"}]})
    with pytest.raises(StartRefused, match="INACTIVE"):
        ecs.tasks.run(ADA)


def test_too_many_calls_ask_no_other_capacity(ecs: Ecs) -> None:
    ecs.stub.add_client_error("run_task", "ThrottlingException", "Rate exceeded", http_status_code=400)
    with pytest.raises(NoCapacity, match="no more calls"):
        ecs.tasks.run(ADA)
    assert len(ecs.asked) == 1


def test_without_any_capacity_that_is_said_plainly(ecs: Ecs) -> None:
    for _ in range(6):
        ecs.stub.add_response("run_task", REFUSED)
    with pytest.raises(NoCapacity, match="no machine free"):
        ecs.tasks.run(ADA)


def test_a_zone_that_has_room_takes_the_task_when_the_others_have_none(ecs: Ecs) -> None:
    for _ in range(4):
        ecs.stub.add_response("run_task", REFUSED)
    ecs.stub.add_response("run_task", STARTED)
    assert ecs.tasks.run(ADA) == ARN
    networks = [request["networkConfiguration"]["awsvpcConfiguration"]["subnets"] for request in ecs.asked]
    both, first, second = ["subnet-a", "subnet-b"], ["subnet-a"], ["subnet-b"]
    assert networks == [both, both, first, first, second]


def test_a_fault_of_ecs_may_have_started_the_task_so_no_second_one_is_asked_for(ecs: Ecs) -> None:
    ecs.stub.add_client_error("run_task", "ServerException", "try later", http_status_code=500)
    with pytest.raises(AgentUnavailable) as caught:
        ecs.tasks.run(ADA)
    assert not isinstance(caught.value, NoCapacity)
    assert len(ecs.asked) == 1


def test_silence_may_have_started_the_task_too(ecs: Ecs) -> None:
    def fail(**_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://ecs")

    ecs.tasks.client.meta.events.register("before-call.ecs.RunTask", fail)
    with pytest.raises(AgentUnavailable) as caught:
        ecs.tasks.run(ADA)
    assert not isinstance(caught.value, NoCapacity)


def test_a_start_has_one_token_for_each_capacity_and_the_next_start_has_others(ecs: Ecs) -> None:
    for agent in (ADA, ADA, Agent("ada", State.STARTING, epoch=8, bridge_key=KEY)):
        ecs.stub.add_response("run_task", REFUSED)
        ecs.stub.add_response("run_task", STARTED)
        ecs.tasks.run(agent)
    spot, demand, again, demand_again, next_spot, next_demand = (request["clientToken"] for request in ecs.asked)
    assert (spot, demand) == (again, demand_again)
    assert len({spot, demand, next_spot, next_demand}) == 4
    assert len(spot) <= 64


def test_tasks_that_run_and_those_asked_for_are_looked_up(ecs: Ecs) -> None:
    described = {
        "tasks": [
            {"taskArn": "a", "startedBy": "ada/7", "createdAt": NOON, "lastStatus": "PROVISIONING"},
            {"taskArn": "b", "createdAt": NOON + timedelta(seconds=1), "lastStatus": "STOPPED"},
        ],
        "failures": [{"arn": "c", "reason": "MISSING"}],
    }
    ecs.stub.add_response("list_tasks", {"taskArns": ["a"]}, {"cluster": "cluster"})
    ecs.stub.add_response("describe_tasks", described, {"cluster": "cluster", "tasks": ["a", "b", "c"]})
    assert ecs.tasks.look_up(["b", "c"]) == [
        Task("a", "ada/7", NOON),
        Task("b", "", NOON + timedelta(seconds=1), stopped=True),
    ]


@pytest.mark.parametrize(
    ("code", "reclaimed"),
    [("SpotInterruption", True), ("TerminationNotice", True), ("EssentialContainerExited", False)],
)
def test_a_machine_that_aws_took_back_is_told_from_one_that_failed(ecs: Ecs, code: str, reclaimed: bool) -> None:
    task = {"taskArn": "a", "createdAt": NOON, "lastStatus": "STOPPED", "stopCode": code}
    ecs.stub.add_response("list_tasks", {"taskArns": []})
    ecs.stub.add_response("describe_tasks", {"tasks": [task]})
    assert ecs.tasks.look_up(["a"]) == [Task("a", "", NOON, stopped=True, reclaimed=reclaimed)]


def test_more_tasks_than_one_request_takes_are_looked_up_in_batches(ecs: Ecs) -> None:
    arns = [f"task-{number:03d}" for number in range(101)]
    ecs.stub.add_response("list_tasks", {"taskArns": arns[:100], "nextToken": "more"}, {"cluster": "cluster"})
    ecs.stub.add_response("list_tasks", {"taskArns": arns[100:]}, {"cluster": "cluster", "nextToken": "more"})
    ecs.stub.add_response("describe_tasks", {"tasks": []}, {"cluster": "cluster", "tasks": arns[:100]})
    ecs.stub.add_response("describe_tasks", {"tasks": []}, {"cluster": "cluster", "tasks": arns[100:]})
    assert ecs.tasks.look_up([]) == []


def test_without_tasks_nothing_is_described(ecs: Ecs) -> None:
    ecs.stub.add_response("list_tasks", {"taskArns": []})
    assert ecs.tasks.look_up([]) == []


@pytest.mark.parametrize("operation", ["list_tasks", "describe_tasks"])
def test_an_error_never_means_that_a_task_is_gone(ecs: Ecs, operation: str) -> None:
    if operation == "describe_tasks":
        ecs.stub.add_response("list_tasks", {"taskArns": ["a"]})
    ecs.stub.add_client_error(operation, "ThrottlingException", "slow down", http_status_code=400)
    with pytest.raises(AgentUnavailable, match="ECS does not answer"):
        ecs.tasks.look_up([])


def test_a_task_whose_fate_ecs_does_not_know_is_not_gone(ecs: Ecs) -> None:
    ecs.stub.add_response("list_tasks", {"taskArns": []})
    ecs.stub.add_response("describe_tasks", {"tasks": [], "failures": [{"arn": "a", "reason": "INTERNAL"}]})
    with pytest.raises(AgentUnavailable, match="INTERNAL"):
        ecs.tasks.look_up(["a"])


def test_a_task_is_stopped_with_a_reason_of_bearable_length(ecs: Ecs) -> None:
    ecs.stub.add_response("stop_task", {}, {"cluster": "cluster", "task": ARN, "reason": "x" * 255})
    ecs.tasks.stop(ARN, "x" * 300)


def test_a_stop_that_fails_is_tried_by_the_next_sweep(ecs: Ecs) -> None:
    ecs.stub.add_client_error("stop_task", "ServerException")
    ecs.tasks.stop(ARN, "idle")


def test_why_a_task_never_ran_is_read_from_all_that_aws_says(ecs: Ecs) -> None:
    containers = [
        {"name": "bridge", "reason": "CannotPullContainerError: no such tag"},
        {"name": "openclaw", "exitCode": 137},
        {"name": "init", "exitCode": 0},
    ]
    facts = {"taskArn": "a", "createdAt": NOON, "lastStatus": "STOPPED", "stopCode": "TaskFailedToStart"}
    task = {**facts, "stoppedReason": "Task failed to start", "containers": containers}
    ecs.stub.add_response("list_tasks", {"taskArns": []})
    ecs.stub.add_response("describe_tasks", {"tasks": [task]})
    (found,) = ecs.tasks.look_up(["a"])
    words = "Task failed to start; bridge: CannotPullContainerError: no such tag; openclaw: exit code 137"
    assert (found.never_ran, found.why) == (True, words)


def test_a_task_that_found_no_machine_is_no_refusal(ecs: Ecs) -> None:
    facts = {"taskArn": "a", "createdAt": NOON, "lastStatus": "STOPPED", "stopCode": "TaskFailedToStart"}
    ecs.stub.add_response("list_tasks", {"taskArns": []})
    why = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
    ecs.stub.add_response("describe_tasks", {"tasks": [{**facts, "stoppedReason": why}]})
    (found,) = ecs.tasks.look_up(["a"])
    assert (found.never_ran, found.why) == (False, why)
