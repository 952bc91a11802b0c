"""What chalice reads: `.chalice/config.json` filled from the stacks, `.chalice/deployed` with the APIs in it.

The two APIs are the stack's, because the page and the task must know their addresses before there is any function.
Chalice finds an API by `deployed/<stage>.json` only, so they are written there before it runs: it fills them as if it
had made them, and a deploy that fails midway leaves no API that nobody knows.

`.chalice/config.json` is tracked, has no stage, and holds for any: `chalice package` works in a fresh checkout. What a
deploy fills in stays in the file, because plain `chalice deploy` reads no other; `python -m infra.chalice` takes it out
again, and Git is told to see the file through that (`adapters/git.py`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from infra.names import StageNames

Json = dict[str, Any]
ROLES = {  # by function, as chalice names them
    "api_handler": "ApiRole",
    "watchdog": "WatchdogRole",
    "websocket_connect": "ConnectRole",
    "websocket_message": "MessageRole",
    "websocket_disconnect": "DisconnectRole",
}
# How many of each may run at once: nobody can make more of them, and nobody else's functions can take these away.
RESERVED = {
    "api_handler": 30,
    "watchdog": 2,
    "websocket_connect": 10,
    "websocket_message": 30,
    "websocket_disconnect": 10,
}
UNRESERVED = 100  # what Lambda leaves to all functions of an account that reserve nothing
REST_API, SOCKET_API = "rest_api", "websocket_api"


OUTPUTS = {  # of the stacks, by the variable that a function reads
    "S3_DATA_BUCKET": "DataBucket",
    "ECS_CLUSTER_ARN": "ClusterArn",
    "TASK_DEFINITION_ARN": "TaskFamily",  # its newest revision: a new image needs no new deployment
    "SUBNET_IDS": "Subnets",
    "SECURITY_GROUP_IDS": "SecurityGroup",
    "WEBSOCKET_CALLBACK_URL": "CallbackUrl",
    "WEB_ORIGIN": "Address",
    "INACTIVITY_TIMEOUT_MINUTES": "IdleMinutes",
    "LLM_MODEL": "Model",
    "BRIDGE_ROLE_ARN": "BridgeRole",
    "BUDGET_ARN": "BudgetArn",
    "USER_POOL_ARN": "UserPoolArn",  # for packaging: chalice sets these before it reads app.py
}
FILLED = {"iam_role_arn", "reserved_concurrency"}  # of a function
VARIABLES = {*OUTPUTS, "STAGE", "AGENT_RUNTIME", "DYNAMODB_TABLE_PREFIX", "LOG_LEVEL"}


def environment(names: StageNames, outputs: Mapping[str, str]) -> dict[str, str]:
    """Of every function. No secret is among them: those are read from SSM when they are needed."""
    return {
        "STAGE": names.stage,
        "AGENT_RUNTIME": "fargate",
        "DYNAMODB_TABLE_PREFIX": names.table_prefix,
        **{variable: outputs[output] for variable, output in OUTPUTS.items()},
        "LOG_LEVEL": "INFO",
    }


def can_reserve(pool: int | None) -> bool:
    """Is there room for `RESERVED`? New accounts have ten in all, and a reservation that is refused ends the deploy."""
    return pool is not None and pool - sum(RESERVED.values()) >= UNRESERVED


def fill(config: Json, names: StageNames, outputs: Mapping[str, str], *, reserve: bool = False) -> Json:
    """The configuration with the stage's environment and roles; whatever else stands in it stays."""
    stages: Json = dict(config.get("stages", {}))
    stage: Json = dict(stages.get(names.stage, {}))
    functions: Json = dict(stage.get("lambda_functions", {}))
    for function, role in ROLES.items():
        kept = _without(functions.get(function, {}), {"reserved_concurrency"})
        share = {"reserved_concurrency": RESERVED[function]} if reserve else {}
        functions[function] = {**kept, "iam_role_arn": outputs[role], **share}
    variables = {**stage.get("environment_variables", {}), **environment(names, outputs)}
    stage |= {"environment_variables": variables, "lambda_functions": functions}
    return {**config, "stages": {**stages, names.stage: stage}}


def emptied(config: Json) -> Json:
    """The configuration as it was before `fill`, for all stages: what else somebody wrote into a stage stays."""
    stages = {name: kept for name, stage in config.get("stages", {}).items() if (kept := _emptied_stage(stage))}
    rest = {key: value for key, value in config.items() if key != "stages"}
    return {**rest, "stages": stages} if stages else rest


def _emptied_stage(stage: Json) -> Json:
    functions = {name: _without(each, FILLED) for name, each in stage.get("lambda_functions", {}).items()}
    parts = {
        "environment_variables": _without(stage.get("environment_variables", {}), VARIABLES),
        "lambda_functions": {name: each for name, each in functions.items() if each},
    }
    return {**_without(stage, set(parts)), **{name: part for name, part in parts.items() if part}}


def _without(part: Json, names: set[str]) -> Json:
    return {name: value for name, value in part.items() if name not in names}


def text(config: Json) -> str:
    return json.dumps(config, indent=2) + "\n"


def adopt(deployed: Json | None, outputs: Mapping[str, str]) -> Json:
    """What chalice knows to be deployed, with the stack's APIs in the place of any others."""
    known = deployed or {"resources": [], "schema_version": "2.0", "backend": "api"}
    others = [each for each in known["resources"] if each["name"] not in (REST_API, SOCKET_API)]
    apis = [api_of(known, REST_API, outputs["RestApiId"]), api_of(known, SOCKET_API, outputs["SocketApiId"])]
    return {**known, "resources": [*others, *apis]}


def api_of(known: Json, name: str, api_id: str) -> Json:
    key = f"{name}_id"
    same = [each for each in known["resources"] if each["name"] == name and each.get(key) == api_id]
    return dict(same[0]) if same else {"name": name, "resource_type": name, key: api_id}


if __name__ == "__main__":  # Git's filter: the file at the input, what to keep of it at the output
    sys.stdout.write(text(emptied(json.load(sys.stdin))))
