"""Who we are to AWS, and what we may do: STS and IAM."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.adapters.errors import translated, unless
from infra.errors import AwsError

ASSUMED = re.compile(r"arn:(?P<partition>[^:]+):sts::(?P<account>\d+):assumed-role/(?P<role>[^/]+)/")
BATCH = 50


@dataclass(frozen=True)
class CallerIdentity:
    account: str
    arn: str

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]

    @property
    def principal(self) -> str:
        """Whose policies count: a session's are its role's."""
        if found := ASSUMED.match(self.arn):
            return f"arn:{found['partition']}:iam::{found['account']}:role/{found['role']}"
        return self.arn


@dataclass(frozen=True)
class Iam:
    sts: Any
    iam: Any

    def whoami(self) -> CallerIdentity:
        with translated("asking AWS who we are"):
            answer = self.sts.get_caller_identity()
        return CallerIdentity(answer["Account"], answer["Arn"])

    def refused(self, caller: CallerIdentity, actions: Mapping[str, str]) -> list[str] | None:
        """Those of the actions that IAM would refuse; None when it does not tell us.

        `actions` has the ARN of something that we make, or `*`, for each: a role that may make what is ours, and
        nothing else, is enough.
        """
        try:
            with translated("asking IAM what we may do"):
                source = self._policies_of(caller)
                found = self._simulate(source, list(actions), "*")
                return [each for each in found if self._refuses(source, each, actions[each])]
        except AwsError:
            return None

    def _refuses(self, source: str, action: str, resource: str) -> bool:
        return resource == "*" or bool(self._simulate(source, [action], resource))

    def _policies_of(self, caller: CallerIdentity) -> str:
        """The role of a session may have a path, as those of IAM Identity Center have, which its name does not tell."""
        role = ASSUMED.match(caller.arn)
        with unless("NoSuchEntity", "AccessDenied"), translated("looking at our role"):
            if role:
                return str(self.iam.get_role(RoleName=role["role"])["Role"]["Arn"])
        return caller.principal

    def prepare_tasks(self) -> None:
        """ECS works by a role of its own, which an account that never had a task lacks; it makes it itself too late."""
        with (
            unless("InvalidInput", "EntityAlreadyExists", "AccessDenied"),
            translated("making the role that ECS works by"),
        ):
            self.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")

    def _simulate(self, source: str, actions: Sequence[str], resource: str) -> list[str]:
        """Those that are not allowed."""
        refused: list[str] = []
        for at in range(0, len(actions), BATCH):
            answer = self.iam.simulate_principal_policy(
                PolicySourceArn=source, ActionNames=list(actions[at : at + BATCH]), ResourceArns=[resource]
            )
            results = answer["EvaluationResults"]
            refused += [each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed"]
        return refused
