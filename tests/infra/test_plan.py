"""Plans and preflight: from facts to steps and problems, without an account."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from infra.adapters.docker import choose_builder
from infra.adapters.stacks import Stack
from infra.config import DriverConfig
from infra.errors import DriverError
from infra.names import StageNames
from infra.plan import (
    BeginStack,
    BuildImage,
    Facts,
    InviteUser,
    PutStack,
    SetWebhook,
    Verify,
    parameters,
    parameters_of_alarms,
    plan_deploy,
)
from infra.preflight import Preconditions, problems
from tests.infra.templates import template

FRESH = Facts(StageNames("prod"), "tag", secrets=frozenset({"anthropic-api-key"}), email="ada@example.com")
GOOD = Preconditions(
    python=(3, 12), refused=[], first=True, networks=1, networks_limit=5, spot_limit=6, functions_limit=1000
)

EMULATED = "Docker here builds for amd64 and has to emulate the ARM of tasks: an hour, if it can be done at all."


def kinds(facts: Facts) -> list[str]:
    return [type(step).__name__ for step in plan_deploy(facts)]


def test_a_first_deploy_does_everything_in_order() -> None:
    assert kinds(FRESH) == [
        "PutStack",
        "BeginStack",
        "BuildImage",
        "PutStack",
        "DeployApp",
        "PublishSocket",
        "UploadPage",
        "PutAlarms",
        "InviteUser",
        "Verify",
    ]


def test_only_a_first_stack_is_begun_before_its_image_and_only_where_one_is_built() -> None:
    assert "BeginStack" not in kinds(replace(FRESH, stack=Stack("UPDATE_COMPLETE")))
    assert "BeginStack" not in kinds(replace(FRESH, image_there=True))
    (begun,) = [step.stack for step in plan_deploy(FRESH) if isinstance(step, BeginStack)]
    assert begun.parameters == {name: value for name, value in parameters(FRESH).items() if name != "ImageTag"}


def test_the_image_is_there_before_the_stack_that_names_it() -> None:
    steps = plan_deploy(FRESH)
    (build,) = [step for step in steps if isinstance(step, BuildImage)]
    (stack,) = [step for step in steps if isinstance(step, PutStack) and step.template == "template.yaml"]
    assert steps.index(build) < steps.index(stack)
    assert stack.parameters["ImageTag"] == build.tag


def test_what_is_there_is_not_made_again() -> None:
    there = replace(FRESH, image_there=True, users=(FRESH.email,), verify=False)
    assert not {"BuildImage", "InviteUser", "Verify"} & set(kinds(there))


def test_an_image_that_replaces_another_is_tried_when_all_else_is_new() -> None:
    replacing = replace(FRESH, stack=Stack("UPDATE_COMPLETE"), in_use="before")
    assert kinds(replacing)[-2:] == ["ReplaceImage", "Verify"]
    assert parameters(replacing)["ImageTag"] == "before"
    assert parameters(replace(replacing, in_use="tag"))["ImageTag"] == "tag"


def test_without_a_check_it_is_used_at_once() -> None:
    replacing = replace(FRESH, stack=Stack("UPDATE_COMPLETE"), in_use="before", verify=False)
    assert "ReplaceImage" not in kinds(replacing)
    assert parameters(replacing)["ImageTag"] == "tag"


@pytest.mark.parametrize("verify", [True, False])
def test_a_refused_image_is_neither_built_nor_tried_nor_used(verify: bool) -> None:
    refused = replace(FRESH, stack=Stack("UPDATE_COMPLETE"), in_use="before", refused={"tag": "bad"}, verify=verify)
    assert not {"BuildImage", "ReplaceImage"} & set(kinds(refused))
    assert parameters(refused)["ImageTag"] == "before"


def test_a_refusal_keeps_nobody_from_a_first_image() -> None:
    assert parameters(replace(FRESH, refused={"tag": "bad"}))["ImageTag"] == "tag"


def test_what_is_given_on_the_command_line_goes_before_what_was_chosen_before() -> None:
    before = Stack("UPDATE_COMPLETE", parameters={"IdleMinutes": "30", "LogDays": "7", "AgentCpu": "512"})
    words = "deploy --idle-minutes 5 --agent-cpu 2048 --monthly-budget 25 --halt-at-budget yes"
    config = DriverConfig.read(words.split(), {}, Path())
    facts = replace(FRESH, stack=before, wanted=config.wanted)
    given = parameters(facts)
    assert {name: given[name] for name in ("IdleMinutes", "LogDays", "AgentCpu", "AgentMemory")} == {
        "IdleMinutes": "5",
        "LogDays": "7",
        "AgentCpu": "2048",
        "AgentMemory": "4096",
    }
    assert (given["HaltAtBudget"], parameters_of_alarms(facts)["MonthlyBudget"]) == ("yes", "25")


@pytest.mark.parametrize("option", ["--agent-cpu", "--log-days", "--halt-at-budget"])
def test_the_command_line_takes_what_the_template_takes(option: str) -> None:
    name = {"--agent-cpu": "AgentCpu", "--log-days": "LogDays", "--halt-at-budget": "HaltAtBudget"}[option]
    for value in template("template")["Parameters"][name]["AllowedValues"]:
        assert DriverConfig.read(["deploy", option, str(value)], {}, Path()).wanted[name] == str(value)
    with pytest.raises(SystemExit):
        DriverConfig.read(["deploy", option, "3000"], {}, Path())


def test_alarms_keep_what_somebody_chose_also_before_they_had_a_stack_of_their_own() -> None:
    stack = Stack("UPDATE_COMPLETE", parameters={"OwnerEmail": "eve@example.com", "MonthlyBudget": "30"})
    given = parameters_of_alarms(replace(FRESH, stack=stack, email=""))
    assert (given["OwnerEmail"], given["MonthlyBudget"]) == ("eve@example.com", "30")
    own = Stack("UPDATE_COMPLETE", parameters={"MonthlyBudget": "40"})
    assert parameters_of_alarms(replace(FRESH, stack=stack, alarms=own))["MonthlyBudget"] == "40"


def test_a_bot_gets_its_webhook() -> None:
    with_bot = replace(FRESH, secrets=FRESH.secrets | {"telegram-bot-token"})
    assert SetWebhook() in plan_deploy(with_bot)
    assert SetWebhook() not in plan_deploy(FRESH)


def test_the_default_model_is_one_that_has_a_key() -> None:
    assert parameters(replace(FRESH, secrets=frozenset({"google-api-key"})))["Model"].startswith("google/")


def test_what_somebody_chose_before_stays() -> None:
    before = Stack("UPDATE_COMPLETE", parameters={"IdleMinutes": "30", "Model": "anthropic/claude-opus-5"})
    given = parameters(replace(FRESH, stack=before))
    assert (given["IdleMinutes"], given["Model"]) == ("30", "anthropic/claude-opus-5")


def test_the_last_step_proves_that_it_works() -> None:
    assert isinstance(plan_deploy(FRESH)[-1], Verify)
    assert InviteUser(FRESH.email) in plan_deploy(FRESH)


def test_good_ground_has_no_problem() -> None:
    assert problems(GOOD) == []


@pytest.mark.parametrize(
    ("preconditions", "words"),
    [
        (replace(GOOD, python=(3, 11)), "Install Python 3.12"),
        (replace(GOOD, python=(3, 16)), "newer than 3.15"),
        (replace(GOOD, leaving_tables=["serverless-openclaw-prod-Usage"]), "still being deleted"),
        (replace(GOOD, refused=["iam:CreateRole"]), "iam:CreateRole"),
        (replace(GOOD, orphan_tables=["serverless-openclaw-prod-Usage"]), "no stack owns"),
        (replace(GOOD, networks=5), "5 networks"),
        (replace(GOOD, spot_limit=0, on_demand_limit=0), "no Fargate task"),
        (replace(GOOD, page_built=False), "not built"),
    ],
)
def test_what_would_fail_later_is_said_before(preconditions: Preconditions, words: str) -> None:
    (problem,) = problems(preconditions)
    assert problem.fatal
    assert words in str(problem)


@pytest.mark.parametrize(
    "preconditions",
    [
        replace(GOOD, refused=None),
        replace(GOOD, functions_limit=10),
        replace(GOOD, refused=["budgets:ModifyBudget", "sns:CreateTopic"]),
    ],
)
def test_what_may_go_well_is_a_warning(preconditions: Preconditions) -> None:
    (problem,) = problems(preconditions)
    assert not problem.fatal


def test_a_network_that_is_there_needs_no_room_for_another() -> None:
    assert problems(replace(GOOD, first=False, networks=5)) == []


@pytest.mark.parametrize("stage", ["", "Prod", "a", "too-long", "verylongstage", "1st", "aws", "myaws2", "amazonx"])
def test_a_stage_that_no_name_can_have_is_refused(stage: str) -> None:
    with pytest.raises(DriverError, match="STAGE is"):
        StageNames(stage)


@pytest.mark.parametrize(
    ("wanted", "machine", "builder"),
    [
        ("auto", "arm64", "docker"),
        ("auto", "aarch64", "docker"),
        ("auto", "amd64", "codebuild"),
        ("auto", None, "codebuild"),
        ("docker", "amd64", "docker"),
        ("codebuild", "arm64", "codebuild"),
    ],
)
def test_docker_builds_where_it_need_not_emulate(wanted: str, machine: str | None, builder: str) -> None:
    assert choose_builder(wanted, machine) == builder


@pytest.mark.parametrize(
    ("builder", "machine", "words"),
    [
        ("docker", "arm64", []),
        ("docker", None, ["No Docker answers here."]),
        (
            "docker",
            "amd64",
            ["Docker here builds for amd64 and has to emulate the ARM of tasks: an hour, if it can be done at all."],
        ),
        ("codebuild", "amd64", []),
        ("", None, []),
    ],
)
def test_what_docker_cannot_build_is_said_before_it_tries(builder: str, machine: str | None, words: list[str]) -> None:
    found = problems(replace(GOOD, builder=builder, machine=machine))
    assert [each.what for each in found] == words
