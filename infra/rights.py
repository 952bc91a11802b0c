"""What a deploy must be allowed to do, and to what of ours: a role that may do no more than that is enough."""

from __future__ import annotations

from infra.names import StageNames
from infra.preflight import ACTIONS, ALARMING

OURS = {  # something that we make, by service; {stack} and the like are names of the stage
    "budgets": "budgets::{account}:budget/{stack}-{region}",
    "cloudformation": "cloudformation:{region}:{account}:stack/{stack}/1",
    "cloudwatch": "cloudwatch:{region}:{account}:alarm:{stack}-alarms-1",
    "codebuild": "codebuild:{region}:{account}:project/{stack}",
    "cognito-idp": "cognito-idp:{region}:{account}:userpool/{region}_1",
    "dynamodb": "dynamodb:{region}:{account}:table/{stack}-Settings",
    "ecr": "ecr:{region}:{account}:repository/{stack}",
    "events": "events:{region}:{account}:rule/{stack}-watchdog-event",
    "iam": "iam::{account}:role/{stack}-ApiRole-1",
    "lambda": "lambda:{region}:{account}:function:{stack}-watchdog",
    "logs": "logs:{region}:{account}:log-group:/ecs/{stack}:log-stream:",
    "s3": "s3:::{stack}-base-databucket-1",
    "sns": "sns:{region}:{account}:{stack}-alerts",
    "ssm": "ssm:{region}:{account}:parameter/serverless-openclaw/{stage}/secrets/openai-api-key",
}
OTHERS = {  # where the service's own does not fit
    "cloudwatch:PutDashboard": "cloudwatch::{account}:dashboard/{stack}",
    "cognito-idp:CreateUserPool": "",  # the action knows no resource
    "s3:PutObject": "s3:::{stack}-base-databucket-1/driver/images.json",
}


def wanted_rights(names: StageNames, partition: str, account: str, region: str) -> dict[str, str]:
    """The ARN of something of ours by action; `*` where IAM knows nothing smaller, or we name it not."""
    found = {}
    for action in (*ACTIONS, *ALARMING):
        place = OTHERS.get(action, OURS.get(action.partition(":")[0], ""))
        arn = place.format(stack=names.stack, stage=names.stage, account=account, region=region)
        found[action] = f"arn:{partition}:{arn}" if arn else "*"
    return found
