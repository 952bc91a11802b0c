"""The events API Gateway and EventBridge send, in their own shape."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from local.names import ACCOUNT, REGION, STAGE

Pairs = Iterable[tuple[str, str]]


def random_id() -> str:
    """As API Gateway's request and connection ids."""
    return base64.urlsafe_b64encode(os.urandom(11)).decode()


@dataclass(frozen=True)
class SocketClient:
    """Who opened a connection, and when."""

    connection_id: str
    connected_at: datetime
    source_ip: str
    user_agent: str


def connect(caller: SocketClient, headers: Pairs, query: str) -> dict[str, Any]:
    event = {"requestContext": _socket(caller, "$connect", "CONNECT"), **_headers(headers), "isBase64Encoded": False}
    return event | (_query(query) if query else {})


def message(caller: SocketClient, body: str | bytes) -> dict[str, Any]:
    binary = isinstance(body, bytes)
    text = base64.b64encode(body).decode() if isinstance(body, bytes) else body
    context = _socket(caller, "$default", "MESSAGE") | {"messageId": random_id()}
    return {"requestContext": context, "body": text, "isBase64Encoded": binary}


def disconnect(caller: SocketClient, code: int, reason: str) -> dict[str, Any]:
    context = _socket(caller, "$disconnect", "DISCONNECT")
    context |= {"disconnectStatusCode": code, "disconnectReason": reason}
    return {"requestContext": context, **_headers([]), "isBase64Encoded": False}


@dataclass(frozen=True)
class RestRequest:
    """A REST request that a route matched; `claims` are those of a token that was checked."""

    method: str
    path: str
    resource: str
    parameters: Mapping[str, str]
    query: str
    headers: Pairs
    body: str
    claims: Mapping[str, Any] | None


def rest(request: RestRequest) -> dict[str, Any]:
    return {
        "resource": request.resource,
        "path": request.path,
        "httpMethod": request.method,
        **_headers(request.headers),
        **(_query(request.query) if request.query else _NO_QUERY),
        "pathParameters": dict(request.parameters) or None,
        "stageVariables": None,
        "requestContext": _rest_context(request),
        "body": request.body or None,
        "isBase64Encoded": False,
    }


def scheduled(rule: str) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }


def _socket(caller: SocketClient, route: str, kind: str) -> dict[str, Any]:
    request_id = random_id()
    return {
        "routeKey": route,
        "eventType": kind,
        "messageDirection": "IN",
        "stage": STAGE,
        "apiId": STAGE,
        "domainName": "localhost",
        "connectionId": caller.connection_id,
        "connectedAt": _milliseconds(caller.connected_at),
        "requestId": request_id,
        "extendedRequestId": request_id,
        **_request_time(),
        "identity": {"sourceIp": caller.source_ip, "userAgent": caller.user_agent},
    }


def _rest_context(request: RestRequest) -> dict[str, Any]:
    context = {
        "resourcePath": request.resource,
        "httpMethod": request.method,
        "path": f"/{STAGE}{request.path}",
        "stage": STAGE,
        "apiId": STAGE,
        "accountId": ACCOUNT,
        "protocol": "HTTP/1.1",
        "requestId": str(uuid.uuid4()),
        **_request_time(),
        "identity": {"sourceIp": "127.0.0.1", "userAgent": dict(request.headers).get("User-Agent", "")},
    }
    return context | ({"authorizer": {"claims": dict(request.claims)}} if request.claims is not None else {})


def _request_time() -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000"), "requestTimeEpoch": _milliseconds(now)}


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def _headers(pairs: Pairs) -> dict[str, Any]:
    many: dict[str, list[str]] = {}
    for name, value in pairs:
        many.setdefault(name, []).append(value)
    return {"headers": {name: values[-1] for name, values in many.items()}, "multiValueHeaders": many}


_NO_QUERY: dict[str, Any] = {"queryStringParameters": None, "multiValueQueryStringParameters": None}


def _query(text: str) -> dict[str, Any]:
    many = parse_qs(text, keep_blank_values=True)
    single = {name: values[-1] for name, values in many.items()}
    return {"queryStringParameters": single, "multiValueQueryStringParameters": many}
