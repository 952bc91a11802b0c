"""Who we are to AWS, and what we may do: STS and IAM."""

from __future__ import annotations

import re
from collections.abc import Sequence
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

    def refused(self, caller: CallerIdentity, actions: Sequence[str]) -> list[str] | None:
        """Those of the actions that IAM would refuse; None when it does not tell us."""
        refused: list[str] = []
        try:
            with translated("asking IAM what we may do"):
                for at in range(0, len(actions), BATCH):
                    refused += self._simulate(caller, actions[at : at + BATCH])
        except AwsError:
            return None
        return refused

    def prepare_tasks(self) -> None:
        """ECS works by a role of its own, which an account that never had a task lacks; it makes it itself too late."""
        with (
            unless("InvalidInput", "EntityAlreadyExists", "AccessDenied"),
            translated("making the role that ECS works by"),
        ):
            self.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")

    def _simulate(self, caller: CallerIdentity, actions: Sequence[str]) -> list[str]:
        answer = self.iam.simulate_principal_policy(PolicySourceArn=caller.principal, ActionNames=list(actions))
        return [each["EvalActionName"] for each in answer["EvaluationResults"] if each["EvalDecision"] != "allowed"]
