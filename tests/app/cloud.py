"""API Gateway's and EventBridge's part: events as AWS sends them, handed to app.py's handlers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chalice.app import Chalice
from chalice.test import Client

from chalicelib.wiring import Services
from tests.fakes.http import HttpServer
from tests.fakes.identity import claims
from tests.fakes.world import ORIGIN

USER = "ada"


@dataclass
class Answer:
    status: int
    fields: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Cloud:
    app: Chalice
    services: Services
    sockets: HttpServer
    _client: Client | None = field(default=None)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        with Client(self.app) as client:
            return client.lambda_.invoke(function, event).payload

    def call(self, method: str, path: str, body: str | None = None, *, user: str = USER) -> Answer:
        """A REST request that the authorizer has let through."""
        return self.answer(self._request(method, path, body, user))

    def answer(self, event: dict[str, Any]) -> Answer:
        answer = self.app(event, None)
        return Answer(answer["statusCode"], json.loads(answer["body"]), answer["headers"])

    def put(self, method: str, path: str, **fields: Any) -> Answer:
        return self.call(method, path, json.dumps(fields))

    def connect(self, connection_id: str, ticket: str, **headers: str) -> dict[str, Any]:
        offered = {"Sec-WebSocket-Protocol": f"openclaw.v1, ticket.{ticket}", "Origin": ORIGIN}
        answer: dict[str, Any] = self.invoke(
            "websocket_connect", {**_socket("$connect", connection_id), "headers": {**offered, **headers}}
        )
        return answer

    def enter(self, connection_id: str) -> None:
        ticket = self.call("POST", "/tickets").fields["ticket"]
        assert self.connect(connection_id, ticket)["statusCode"] == 200

    def send(self, connection_id: str, **frame: Any) -> Any:
        event = {**_socket("$default", connection_id), "body": json.dumps(frame)}
        return self.invoke("websocket_message", event)

    def leave(self, connection_id: str) -> None:
        self.invoke("websocket_disconnect", _socket("$disconnect", connection_id))

    def tick(self) -> None:
        self.invoke("watchdog", {"version": "0", "detail-type": "Scheduled Event", "detail": {}, **_SCHEDULED})

    def pushed(self, connection_id: str) -> list[dict[str, Any]]:
        """What the socket got."""
        path = f"/@connections/{connection_id}"
        return [json.loads(body) for method, asked, body in self.sockets.asked if (method, asked) == ("POST", path)]

    def _request(self, method: str, path: str, body: str | None, user: str) -> dict[str, Any]:
        bare, _, query = path.partition("?")
        pairs = [pair.split("=", 1) for pair in query.split("&") if pair]
        resource, parameters = self._resource(bare)
        return {
            "path": bare,
            "headers": {"Content-Type": "application/json"},
            "multiValueQueryStringParameters": {key: [value] for key, value in pairs} or None,
            "pathParameters": parameters,
            "stageVariables": None,
            "isBase64Encoded": False,
            "body": body,
            "requestContext": {
                "httpMethod": method,
                "resourcePath": resource,
                "identity": {"sourceIp": "127.0.0.1"},
                "authorizer": {"claims": claims(user, datetime.now(UTC))},
            },
        }

    def _resource(self, path: str) -> tuple[str, dict[str, str] | None]:
        """The route that API Gateway would choose, and the parts of the path that it names."""
        parts = path.split("/")
        for route in sorted(self.app.routes, key=lambda route: route.count("{")):
            names = route.split("/")
            if len(names) == len(parts) and all(_fits(name, part) for name, part in zip(names, parts, strict=True)):
                pairs = zip(names, parts, strict=True)
                return route, {name[1:-1]: part for name, part in pairs if name.startswith("{")} or None
        return path, None


def _fits(name: str, part: str) -> bool:
    return name == part or (name.startswith("{") and part != "")


_SCHEDULED = {
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-01-01T12:00:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:events:eu-central-1:123456789012:rule/watchdog"],
}


def _socket(route: str, connection_id: str) -> dict[str, Any]:
    return {
        "requestContext": {
            "routeKey": route,
            "eventType": {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(route, "MESSAGE"),
            "connectionId": connection_id,
            "requestId": "request",
            "apiId": "api",
            "domainName": "api.execute-api.eu-central-1.amazonaws.com",
            "stage": "socket",
        },
        "isBase64Encoded": False,
    }
