"""Least privilege: no star without a reason, no function with more than it needs, nothing for the task itself."""

from __future__ import annotations

from typing import Any

import pytest

from infra.policies import TEMPLATES, find_stars, unexplained
from tests.infra.templates import policies_of, resources

FUNCTIONS = ("Api", "Connect", "Disconnect", "Message", "Watchdog")


def test_every_star_has_its_reason() -> None:
    assert [str(star) for star in unexplained()] == []


def test_the_stars_there_are_are_seen() -> None:
    stars = [star for path in TEMPLATES for star in find_stars(path.read_text(), path.name)]
    assert len(stars) == 8


@pytest.mark.parametrize(
    "line",
    [
        'Resource: "*"',
        "Resource: '*' # because",
        'Action: "s3:*"',
        "Action: [s3:GetObject, s3:Put*]",
        "NotAction: iam:PassRole",
        'Action:\n  - "dynamodb:*"',
        'Resource:\n  - arn:aws:s3:::bucket\n  - "*"',
        'Principal: "*"',
    ],
)
def test_a_star_without_words_is_found(line: str) -> None:
    assert [star.reason for star in find_stars(line, "x")] == [False]


@pytest.mark.parametrize(
    "line",
    [
        "Resource: !Sub arn:aws:s3:::${Bucket}/users/*",
        "Action: s3:GetObject",
        "Action: [s3:GetObject, s3:PutObject]",
        'Cron: "* * * * *"',
    ],
)
def test_what_names_its_thing_is_no_star(line: str) -> None:
    assert list(find_stars(line, "x")) == []


def test_a_reason_may_stand_above() -> None:
    text = '# the action knows no resource\nResource: "*"'
    assert [star.reason for star in find_stars(text, "x")] == [True]


def statements(role: str) -> list[dict[str, Any]]:
    return [statement for policy in policies_of(role) for statement in policy["Statement"]]


def actions(role: str) -> set[str]:
    found = [statement["Action"] for statement in statements(role)]
    return {action for each in found for action in ([each] if isinstance(each, str) else each)}


def test_each_function_has_a_role_and_a_log_of_its_own() -> None:
    for function in FUNCTIONS:
        assert f"{function}Log.Arn" in str(statements(f"{function}Role"))
        assert not any(f"{other}Log" in str(statements(f"{function}Role")) for other in FUNCTIONS if other != function)


def test_nobody_may_make_log_groups_because_such_a_group_keeps_its_lines_for_ever() -> None:
    assert not any("logs:CreateLogGroup" in path.read_text() for path in TEMPLATES)


def test_only_the_api_can_issue_session_credentials() -> None:
    assert [role for role in FUNCTIONS if "sts:AssumeRole" in actions(f"{role}Role")] == ["Api"]


def test_only_the_api_signs_people_out_and_does_nothing_else_with_the_pool() -> None:
    may = {role: {each for each in actions(f"{role}Role") if each.startswith("cognito")} for role in FUNCTIONS}
    assert may.pop("Api") == {"cognito-idp:AdminUserGlobalSignOut"}
    assert not any(may.values())
    (granted,) = [each for each in statements("ApiRole") if "cognito" in str(each["Action"])]
    assert "userpool/${UserPool}" in str(granted["Resource"])


def test_only_the_watchdog_reads_a_whole_table_and_it_is_that_of_the_connections() -> None:
    assert [role for role in (*FUNCTIONS, "Bridge") if "dynamodb:Scan" in actions(f"{role}Role")] == ["Watchdog"]
    (granted,) = [each for each in statements("WatchdogRole") if "dynamodb:Scan" in str(each["Action"])]
    assert str(granted["Resource"]).endswith("-Connections'}")


def test_sockets_that_open_and_close_touch_connections_only() -> None:
    for role in ("ConnectRole", "DisconnectRole"):
        assert {action.split(":")[0] for action in actions(role)} == {"dynamodb", "logs"}


def test_the_bridge_alone_can_read_a_models_key() -> None:
    for role in (*(f"{function}Role" for function in FUNCTIONS), "StartRole", "BridgeRole"):
        reads = [each for each in statements(role) if "ssm:GetParameter" in str(each["Action"])]
        assert ("api-key" in str(reads)) is (role == "BridgeRole")


def test_the_bots_token_is_for_who_writes_to_chats_and_the_webhooks_secret_for_who_is_called() -> None:
    may = {"telegram-bot-token": {"Api", "Watchdog", "Bridge"}, "telegram-webhook-secret": {"Api"}}
    for name, allowed in may.items():
        assert {role for role in (*FUNCTIONS, "Start", "Bridge") if name in str(statements(f"{role}Role"))} == allowed


def test_a_task_has_no_role_so_that_its_containers_have_no_credentials() -> None:
    assert "TaskRoleArn" not in resources()["AgentTask"]["Properties"]


def test_the_agent_is_told_nothing_but_its_model() -> None:
    _, agent = resources()["AgentTask"]["Properties"]["ContainerDefinitions"]
    assert {each["Name"] for each in agent["Environment"]} == {"LLM_MODEL"}
    assert "Secrets" not in agent


def test_both_containers_are_locked_in() -> None:
    for container in resources()["AgentTask"]["Properties"]["ContainerDefinitions"]:
        assert container["ReadonlyRootFilesystem"] is True
        assert container["LinuxParameters"] == {"Capabilities": {"Drop": ["ALL"]}}
        assert container["StopTimeout"] == 120


def test_the_files_of_answers_are_put_by_bridges_and_signed_for_by_the_api_alone() -> None:
    def may(role: str, action: str) -> bool:
        granted = [each for each in statements(f"{role}Role") if action in str(each["Action"])]
        return any("/users/*'" in str(each["Resource"]) for each in granted)

    assert may("Bridge", "s3:PutObject") and may("Bridge", "s3:GetObject")  # a chat is sent them
    assert [role for role in FUNCTIONS if may(role, "s3:GetObject")] == ["Api"]


def test_only_the_api_signs_uploads_and_the_socket_only_reads_what_it_names() -> None:
    assert [role for role in FUNCTIONS if "s3:PutObjectTagging" in actions(f"{role}Role")] == ["Api"]
    message = [each for each in statements("MessageRole") if "s3:" in str(each["Action"])]
    assert {action for each in message for action in [each["Action"]]} == {"s3:GetObject", "s3:ListBucket"}
    assert "state" not in str(message)
    assert not {
        action for role in ("Connect", "Disconnect", "Watchdog") for action in actions(f"{role}Role") if "s3" in action
    }
