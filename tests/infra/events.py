"""Events as API Gateway sends them to the deployed functions."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from tests.fakes.identity import claims


def rest(method: str, path: str, user: str, fields: dict[str, Any]) -> dict[str, Any]:
    """A request that the authorizer has let through."""
    return {
        "path": path,
        "headers": {"Content-Type": "application/json"},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "isBase64Encoded": False,
        "body": json.dumps(fields),
        "requestContext": {
            "httpMethod": method,
            "resourcePath": path,
            "identity": {"sourceIp": "203.0.113.7"},
            "authorizer": {"claims": claims(user, datetime.now(UTC))},
        },
    }


def socket(route: str) -> dict[str, Any]:
    kind = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(route, "MESSAGE")
    return {
        "requestContext": {
            "routeKey": route,
            "eventType": kind,
            "connectionId": "laptop",
            "requestId": "request",
            "apiId": "api",
            "domainName": "api.execute-api.us-east-1.amazonaws.com",
            "stage": "api",
        },
        "isBase64Encoded": False,
    }


SCHEDULED = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-01-01T12:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/watchdog"],
    "detail": {},
}
