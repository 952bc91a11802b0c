"""Everything that would fail later is looked for first, before anything is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from infra.adapters.docker import ELSEWHERE, NATIVE

OLDEST, NEWEST = (3, 12), (3, 15)  # that Lambda runs: python3.15 is the last of its API's runtimes
FARGATE_CPU = 1
LAMBDA_AT_ONCE = 10
# One of each kind that the steps use; whoever may do these may do the rest, too.
ACTIONS = (
    "cloudformation:CreateStack",
    "cloudformation:DescribeStackEvents",
    "iam:CreateRole",
    "iam:PassRole",
    "dynamodb:CreateTable",
    "s3:CreateBucket",
    "s3:PutObject",
    "cognito-idp:CreateUserPool",
    "cognito-idp:AdminCreateUser",
    "ecr:CreateRepository",
    "ecr:PutImage",
    "codebuild:StartBuild",
    "ec2:CreateVpc",
    "ec2:CreateSecurityGroup",
    "ecs:CreateCluster",
    "ecs:RegisterTaskDefinition",
    "lambda:CreateFunction",
    "lambda:AddPermission",
    "events:PutRule",
    "apigateway:POST",
    "apigateway:PUT",
    "apigateway:PATCH",
    "cloudfront:CreateDistribution",
    "cloudfront:CreateInvalidation",
    "ssm:PutParameter",
    "logs:CreateLogGroup",
)
ALARMING = (
    "sns:CreateTopic",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:PutDashboard",
    "logs:PutMetricFilter",
    "budgets:ModifyBudget",
)


@dataclass(frozen=True)
class Problem:
    """What is wrong, and what to do; `fatal` ones end a deploy before it begins."""

    what: str
    fix: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{'✗' if self.fatal else '!'} {self.what}\n  {self.fix}"


@dataclass(frozen=True)
class Preconditions:
    """What a deployment stands on."""

    python: tuple[int, int]
    refused: Sequence[str] | None  # actions; None: IAM does not say
    first: bool  # nothing of this stage is there yet
    orphan_tables: Sequence[str] = ()  # with our names, but of no stack
    leaving_tables: Sequence[str] = ()  # being deleted
    networks: int = 0
    networks_limit: float | None = None
    spot_limit: float | None = None
    on_demand_limit: float | None = None
    functions_limit: float | None = None
    page_built: bool = True
    builder: str = ""  # of the image; empty: there is nothing to build
    machine: str | None = None  # what DockerBuilder here builds for


def problems(given: Preconditions) -> list[Problem]:
    found = [
        *_here(given),
        *_docker(given),
        *_rights(given),
        *_names(given),
        *_limits(given),
    ]
    return sorted(found, key=lambda problem: not problem.fatal)


def _here(given: Preconditions) -> list[Problem]:
    found = []
    if given.python < OLDEST:
        have = ".".join(map(str, given.python))
        found.append(
            Problem(
                f"This checkout runs on Python {have}; Lambda runs what is deployed on the same one, and is past it.",
                "Install Python 3.12 or newer, then `make deploy`, which makes .venv anew with it.",
            )
        )
    if given.python > NEWEST:
        have, last = ".".join(map(str, given.python)), ".".join(map(str, NEWEST))
        found.append(
            Problem(
                f"This checkout runs on Python {have}; Lambda knows none that is newer than {last}.",
                f"Make .venv anew with Python {last} or older: rm -rf .venv, and that one first on the PATH.",
            )
        )
    if not given.page_built:
        found.append(Problem("The page is not built.", "Run `sh setup.sh`, or `make deploy`, which does."))
    return found


def _docker(given: Preconditions) -> list[Problem]:
    if given.builder != "docker" or given.machine in NATIVE:
        return []
    if given.machine is None:
        return [Problem("No Docker answers here.", f"Start it. {ELSEWHERE}")]
    what = f"Docker here builds for {given.machine} and has to emulate the ARM of tasks"
    return [Problem(f"{what}: an hour, if it can be done at all.", ELSEWHERE, fatal=False)]


def _rights(given: Preconditions) -> list[Problem]:
    if given.refused is None:
        return [
            Problem(
                "IAM does not tell whether these credentials may do everything.",
                "If a step is refused, add the right that it names and run the same again.",
                fatal=False,
            )
        ]
    found, minor = [], [action for action in given.refused if action in ALARMING]
    if needed := [action for action in given.refused if action not in ALARMING]:
        found.append(Problem(f"These credentials may not: {', '.join(needed)}.", "Use an administrator's."))
    if minor:
        what = f"These credentials may not: {', '.join(minor)}."
        found.append(Problem(what, "The agent works, but without alarms, budget and dashboard.", fatal=False))
    return found


def _names(given: Preconditions) -> list[Problem]:
    found = []
    if given.orphan_tables:
        found.append(
            Problem(
                f"Tables are there that no stack owns: {', '.join(given.orphan_tables)}.",
                "A stack was deleted by hand. Use another STAGE, or forget them: python -m infra destroy --delete-data",
            )
        )
    if given.leaving_tables:
        found.append(
            Problem(
                f"Tables are still being deleted: {', '.join(given.leaving_tables)}.",
                "DynamoDB takes a minute for it. Wait, and run the same again.",
            )
        )
    return found


def _limits(given: Preconditions) -> list[Problem]:
    found = []
    if given.first and given.networks_limit is not None and given.networks >= given.networks_limit:
        found.append(
            Problem(
                f"The region has {given.networks} networks (VPCs) and may have {given.networks_limit:g}.",
                "Delete one, use another region, or ask for more in the Service Quotas console.",
            )
        )
    limits = [limit for limit in (given.spot_limit, given.on_demand_limit) if limit is not None]
    if limits and max(limits) < FARGATE_CPU:
        found.append(
            Problem("The account may run no Fargate task.", "Ask for 2 vCPU of Fargate in the Service Quotas console.")
        )
    if given.functions_limit is not None and given.functions_limit <= LAMBDA_AT_ONCE:
        found.append(
            Problem(
                f"The account may run {given.functions_limit:g} functions at once; new accounts begin with ten.",
                "That is enough for one person. Ask for 1,000 in the Service Quotas console when it is not.",
                fatal=False,
            )
        )
    return found
