"""POST /bridge/credentials through app.py: no sign-in, only the key of the start."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.domain.bridge import Request, sign
from chalicelib.domain.credentials import PATH
from chalicelib.wiring import now
from tests.app.cloud import USER, Cloud


def ask(cloud: Cloud, key: str) -> dict[str, Any]:
    body = json.dumps({"userId": USER})
    epoch = cloud.services.rows.agents.get(USER).epoch
    headers = sign(key, epoch, Request("POST", PATH, body.encode()), now(), "nonce")
    event = {
        "path": PATH,
        "headers": {"Content-Type": "application/json", **{name.lower(): value for name, value in headers.items()}},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": False,
        "body": body,
        "requestContext": {"httpMethod": "POST", "resourcePath": PATH, "identity": {"sourceIp": "203.0.113.7"}},
    }
    answer: dict[str, Any] = cloud.app(event, None)
    return answer


def test_a_stranger_is_refused(untouched: Cloud) -> None:
    assert ask(untouched, "ab" * 32)["statusCode"] == 403


def test_a_bridge_of_a_deployment_without_a_role_is_told_so(cloud: Cloud) -> None:
    cloud.call("POST", "/agent/start")
    answer = ask(cloud, cloud.services.rows.agents.get(USER).bridge_key or "")
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (503, "agent_unavailable")
