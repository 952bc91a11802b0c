"""A small Chalice app that the emulator runs in tests; its instances share the recorder alone."""

from __future__ import annotations

import time
from typing import Any

from boto3.session import Session
from chalice.app import Chalice, CognitoUserPoolAuthorizer, Rate, Response

from tests.local.recorder import heard, push

app = Chalice(app_name="tiny", configure_logs=False)
app.experimental_feature_flags.update(["WEBSOCKETS"])
app.websocket_api.session = Session(region_name="us-east-1")
owners = CognitoUserPoolAuthorizer("owners", provider_arns=["arn:aws:cognito-idp:us-east-1:0:userpool/x"])
served: list[str] = []


@app.on_ws_connect()
def connect(event: Any) -> dict[str, Any]:
    facts = event.to_dict()
    query = facts.get("queryStringParameters") or {}
    heard.append(("connect", event.connection_id))
    if "push" in query:
        heard.append(("pushed", push(event.connection_id, b"early")))
    if "raise" in query:
        raise RuntimeError("told to fail")
    chosen = {"Sec-WebSocket-Protocol": "openclaw.v1"} if "headers" in facts and "protocol" in query else {}
    return {"statusCode": int(query.get("status", "200")), "headers": chosen}


@app.on_ws_message()
def message(event: Any) -> None:
    heard.append(("message", event.body))
    if event.body == "raise":
        raise RuntimeError("told to fail")
    if event.body.startswith("sleep "):
        time.sleep(float(event.body.removeprefix("sleep ")))
    push(event.connection_id, f"echo {event.body}".encode())


@app.on_ws_disconnect()
def disconnect(event: Any) -> None:
    heard.append(("disconnect", event.connection_id))


@app.route("/large", methods=["GET"])
def large() -> dict[str, Any]:
    return {"much": "x" * 6 * 1024 * 1024}


@app.route("/who/{name}", methods=["GET"])
def who(name: str) -> dict[str, Any]:
    """Slow enough that requests overlap; tells what it believes to serve before and after."""
    served.append(name)
    request = app.current_request
    assert request is not None
    before = request.to_dict()["uri_params"]
    time.sleep(0.02)
    assert app.current_request is not None
    after = app.current_request.to_dict()["uri_params"]
    return {"names": [name, before["name"], after["name"]], "served": len(served)}


@app.route("/who/me", methods=["GET", "POST"], authorizer=owners)
def me() -> dict[str, Any]:
    assert app.current_request is not None
    request = app.current_request
    query = dict(request.query_params or {})
    return {"claims": request.context["authorizer"]["claims"], "method": request.to_dict()["method"], "query": query}


@app.route("/raise", methods=["GET"])
def fail() -> Response:
    return Response({"code": "internal"}, status_code=503, headers={"X-Told": "1"})


@app.schedule(Rate(1, unit=Rate.MINUTES))
def watchdog(event: Any) -> None:
    heard.append(("tick", event.to_dict()["detail-type"]))
    if len(heard) == 1:
        raise RuntimeError("told to fail once")
