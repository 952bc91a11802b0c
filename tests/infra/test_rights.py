"""What IAM is asked before a deploy, and for whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.adapters.iam import CallerIdentity, Iam
from infra.names import StageNames
from infra.rights import wanted_rights

RIGHTS = wanted_rights(StageNames("dev"), "aws-cn", "123456789012", "cn-north-1")
SSO = "AWSReservedSSO_Admin_0123456789abcdef"
SSO_ROLE = f"arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/{SSO}"

CI_ROLE = "arn:aws:iam::123456789012:role/ci/deployer"


@dataclass
class Simulator:
    """IAM's client: a policy that allows these resources, and roles with a path."""

    allowed: Collection[str] = ("*",)
    roles: dict[str, str] = field(default_factory=dict)
    sources: set[str] = field(default_factory=set)

    def simulate_principal_policy(self, **asked: Any) -> dict[str, Any]:
        self.sources.add(asked["PolicySourceArn"])
        (resource,) = asked["ResourceArns"]
        decision = "allowed" if any(fnmatchcase(resource, each) for each in self.allowed) else "implicitDeny"
        return {
            "EvaluationResults": [{"EvalActionName": each, "EvalDecision": decision} for each in asked["ActionNames"]]
        }

    def get_role(self, RoleName: str) -> dict[str, Any]:
        if RoleName not in self.roles:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetRole")
        return {"Role": {"Arn": self.roles[RoleName]}}


def refused(client: Simulator, arn: str = "arn:aws:iam::123456789012:user/ada") -> list[str] | None:
    return Iam(None, client).refused(CallerIdentity("123456789012", arn), RIGHTS)


def test_an_administrator_may_do_everything() -> None:
    assert refused(Simulator()) == []


def test_a_role_that_may_make_what_is_ours_and_nothing_else_is_enough() -> None:
    found = refused(Simulator(["*serverless-openclaw-dev*", "*serverless-openclaw/dev/*", "*userpool/*"]))
    assert set(found or ()) == {action for action, resource in RIGHTS.items() if resource == "*"}
    assert "iam:CreateRole" not in (found or ())


def test_a_role_for_something_else_is_refused_by_name() -> None:
    assert "dynamodb:CreateTable" in (refused(Simulator(["*something-else*"])) or ())


@pytest.mark.parametrize(
    ("session", "roles", "source"),
    [
        (SSO, {SSO: SSO_ROLE}, SSO_ROLE),
        (
            "deployer",
            {"deployer": "arn:aws:iam::123456789012:role/ci/deployer"},
            "arn:aws:iam::123456789012:role/ci/deployer",
        ),
        ("deployer", {}, "arn:aws:iam::123456789012:role/deployer"),
    ],
)
def test_a_session_is_judged_by_its_role_with_the_path_that_it_has(
    session: str, roles: dict[str, str], source: str
) -> None:
    client = Simulator(roles=roles)
    assert refused(client, f"arn:aws:sts::123456789012:assumed-role/{session}/ada@example.com") == []
    assert client.sources == {source}


def test_every_resource_is_of_this_stage_and_of_this_partition() -> None:
    named = [resource for resource in RIGHTS.values() if resource != "*"]
    assert len(named) > 15
    assert all(resource.startswith("arn:aws-cn:") for resource in named)


def test_what_chalice_leaves_to_do_at_the_apis_is_asked_for() -> None:
    """Responses are put, deployments posted, limits patched."""
    assert {"apigateway:PUT", "apigateway:POST", "apigateway:PATCH"} <= set(RIGHTS)
