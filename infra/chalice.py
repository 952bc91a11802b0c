"""What chalice reads: `.chalice/config.json` filled from the stacks, `.chalice/deployed` with the APIs in it.

The two APIs are the stack's, because the page and the task must know their addresses before there is any function.
Chalice finds an API by `deployed/<stage>.json` only, so they are written there before it runs: it fills them as if it
had made them, and a deploy that fails midway leaves no API that nobody knows.
"""

from __future__ import annotations

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
REST_API, SOCKET_API = "rest_api", "websocket_api"


def environment(names: StageNames, outputs: Mapping[str, str]) -> dict[str, str]:
    """Of every function. No secret is among them: those are read from SSM when they are needed."""
    return {
        "STAGE": names.stage,
        "AGENT_RUNTIME": "fargate",
        "DYNAMODB_TABLE_PREFIX": names.table_prefix,
        "S3_DATA_BUCKET": outputs["DataBucket"],
        "ECS_CLUSTER_ARN": outputs["ClusterArn"],
        "TASK_DEFINITION_ARN": outputs["TaskFamily"],  # its newest revision: a new image needs no new deployment
        "SUBNET_IDS": outputs["Subnets"],
        "SECURITY_GROUP_IDS": outputs["SecurityGroup"],
        "WEBSOCKET_CALLBACK_URL": outputs["CallbackUrl"],
        "WEB_ORIGIN": outputs["Address"],
        "INACTIVITY_TIMEOUT_MINUTES": outputs["IdleMinutes"],
        "LLM_MODEL": outputs["Model"],
        "BRIDGE_ROLE_ARN": outputs["BridgeRole"],
        "USER_POOL_ARN": outputs["UserPoolArn"],  # for packaging: chalice sets these before it reads app.py
        "LOG_LEVEL": "INFO",
    }


def fill(config: Json, names: StageNames, outputs: Mapping[str, str]) -> Json:
    """The configuration with the stage's environment and roles; whatever else stands in it stays."""
    stages: Json = dict(config["stages"])
    stage: Json = {**stages[names.stage]}
    functions: Json = dict(stage.get("lambda_functions", {}))
    for function, role in ROLES.items():
        functions[function] = {**functions.get(function, {}), "iam_role_arn": outputs[role]}
    stage |= {"environment_variables": environment(names, outputs), "lambda_functions": functions}
    return {**config, "stages": {**stages, names.stage: stage}}


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
