"""Raw requests against every server of the running product: what no page, no stranger and no rebound name may do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from container.bridge.openclaw.protocol import build_connect, build_request
from local.names import ACCOUNT, BUCKET, CLUSTER, REGION, STAGE, TABLE_PREFIX
from tests.e2e.bucket import Bucket
from tests.e2e.cloud import Cloud
from tests.e2e.product import Product
from tests.security.conftest import Address, Servers
from tests.security.raw import Answer, ask, say

SERVERS = ["page", "socket", "aws", "demo_model"]
EVIL = "http://evil.example"
MANIFEST = f"/{BUCKET}/users/owner/state/manifest.json"
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
STRANGERS: Mapping[str, Mapping[str, str]] = {
    "a rebound name": {"Host": "evil.example"},
    "a rebound name with our port": {"Host": "evil.example:8787"},
    "another origin": {"Origin": EVIL},
    "a sandboxed page": {"Origin": "null"},
    "another port of this machine": {"Origin": "http://localhost:1"},
    "an image, a script, no-cors": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    "a page of another port": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    "a navigation": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    "a frame": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    "a form": {"Origin": EVIL, "Sec-Fetch-Site": "cross-site", "Content-Type": "application/x-www-form-urlencoded"},
    "a socket": {**UPGRADE, "Origin": EVIL},
}
REFUSED = (
    "Only this machine is served.",
    "Only the page of this product may ask.",
    "page may not ask.",
    "다른 웹 페이지",
)


def reach(servers: Servers, name: str) -> Address:
    address: Address = getattr(servers, name)
    return address


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_server_answers_a_stranger(servers: Servers, server: str, stranger: str, method: str) -> None:
    if server == "socket" and method == "POST":
        method = "GET"  # it speaks nothing else
    path = f"{servers.demo_path}/_log" if server == "demo_model" else f"/{STAGE}" if server == "socket" else "/"
    answered = ask(reach(servers, server), method, path, dict(STRANGERS[stranger]))
    assert answered.status == 403
    by_link = server == "aws" and method == "GET" and "Sec-Fetch-Mode" in STRANGERS[stranger]
    reasons = (
        ["The keys of this run are needed."] if by_link else REFUSED
    )  # a link of the bucket's proves itself by its signature
    assert any(words in told(answered) for words in reasons), "it was refused for another reason"
    assert "access-control-allow-origin" not in answered.head.lower()


@pytest.mark.parametrize("server", SERVERS)
def test_no_server_answers_without_a_host(servers: Servers, server: str) -> None:
    assert say(reach(servers, server), b"GET / HTTP/1.0\r\n\r\n").status in (400, 403)


def form(fields: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    return {"Content-Type": "multipart/form-data; boundary=b"}, f"{parts}--b--\r\n".encode()


def json_call(target: str, fields: Mapping[str, Any], **more: str) -> tuple[dict[str, str], bytes]:
    return {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0", **more}, json.dumps(fields).encode()


PLANTED = {"key": "users/owner/state/manifest.json", "file": "planted"}
POLICY = "eyJleHBpcmF0aW9uIjogIjIwOTktMDEtMDFUMDA6MDA6MDBaIiwgImNvbmRpdGlvbnMiOiBbXX0="
CREDENTIAL = f"local/20260101/{REGION}/s3/aws4_request"
OLD_KEYS = f"AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=host, Signature=0"
ROWS = {"TableName": f"{TABLE_PREFIX}TaskState"}
RUN = {"cluster": CLUSTER, "taskDefinition": CLUSTER, "overrides": {}}
ATTACKS: Mapping[str, tuple[str, str, dict[str, str], bytes]] = {
    "a form that plants a manifest": ("POST", f"/{BUCKET}", *form(PLANTED)),
    "a form with a policy of its own": ("POST", f"/{BUCKET}", *form({"policy": POLICY, **PLANTED})),
    "a form with made up credentials": (
        *("POST", f"/{BUCKET}"),
        *form({"x-amz-credential": CREDENTIAL, "policy": POLICY, "x-amz-signature": "0" * 64, **PLANTED}),
    ),
    "a form to an object": ("POST", MANIFEST, *form(PLANTED)),
    "a form for the tables": (
        *("POST", "/"),
        *(form(PLANTED)[0] | {"X-Amz-Target": "DynamoDB_20120810.Scan"}, form(PLANTED)[1]),
    ),
    "a form as text": ("POST", f"/{BUCKET}", {"Content-Type": "text/plain"}, form(PLANTED)[1]),
    "an object put": ("PUT", MANIFEST, {}, b"planted"),
    "an object put with old keys": ("PUT", MANIFEST, {"Authorization": OLD_KEYS}, b"planted"),
    "an object put with a query": ("PUT", f"{MANIFEST}?X-Amz-Credential={CREDENTIAL}", {}, b"planted"),
    "an object put with the old query": ("PUT", f"{MANIFEST}?AWSAccessKeyId=local&Signature=0", {}, b"planted"),
    "an object read": ("GET", MANIFEST, {}, b""),
    "an object deleted": ("DELETE", MANIFEST, {}, b""),
    "many objects deleted": (
        *("POST", f"/{BUCKET}?delete"),
        *({}, b"<Delete><Object><Key>users/owner/state/manifest.json</Key></Object></Delete>"),
    ),
    "the bucket listed": ("GET", f"/{BUCKET}?list-type=2", {}, b""),
    "the bucket's rule changed": ("PUT", f"/{BUCKET}?cors", {}, b"<CORSConfiguration/>"),
    "an upload of parts begun": ("POST", f"{MANIFEST}?uploads", {}, b""),
    "all buckets listed": ("GET", "/", {}, b""),
    "the rows read": ("POST", "/", *json_call("DynamoDB_20120810.Scan", ROWS)),
    "the rows read with old keys": ("POST", "/", *json_call("DynamoDB_20120810.Scan", ROWS, Authorization=OLD_KEYS)),
    "the model's key read": (
        *("POST", "/"),
        *json_call("AmazonSSM.GetParametersByPath", {"Path": "/", "Recursive": True, "WithDecryption": True}),
    ),
    "a task run": ("POST", "/", *json_call("AmazonEC2ContainerServiceV20141113.RunTask", RUN)),
    "all tasks listed": ("POST", "/", *json_call("AmazonEC2ContainerServiceV20141113.ListTasks", {"cluster": CLUSTER})),
    "moto reset": ("POST", "/moto-api/reset", {}, b""),
    "moto's accounts": ("GET", f"/moto-api/data.json?{ACCOUNT}", {}, b""),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_without_the_keys_of_this_run_aws_does_nothing(product: Product, servers: Servers, attack: str) -> None:
    before = Bucket.of(product).read()
    answered = ask(servers.aws, *ATTACKS[attack])
    assert answered.status == 403
    assert b"planted" not in answered.body
    assert Bucket.of(product).read() == before


def test_with_the_keys_of_this_run_aws_works(product: Product) -> None:
    assert Cloud.of(product).client("s3").list_buckets()["Buckets"]


def test_the_keys_are_others_in_every_run(product: Product) -> None:
    keys = Cloud.of(product).keys
    assert len({keys.id, keys.secret, "local", "x"}) == 4
    assert min(len(keys.id), len(keys.secret)) >= 32


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
@pytest.mark.parametrize("headers", [{}, {"Authorization": OLD_KEYS}], ids=["unsigned", "old keys"])
def test_nobody_else_pushes_to_sockets(servers: Servers, method: str, headers: dict[str, str]) -> None:
    assert ask(servers.page, method, f"/{STAGE}/@connections/abc", headers, b"x").status == 403


@pytest.mark.parametrize("path", ["/_log", "/_last", "/v1/models", "/wrong/_log", "//_log", "/", "/%2e/_log"])
def test_the_demo_model_is_silent_to_whoever_was_not_told_its_address(servers: Servers, path: str) -> None:
    assert ask(servers.demo_model, "GET", path).status == 403
    assert ask(servers.demo_model, "POST", path, {"Content-Type": "application/json"}, b"{}").status == 403


@pytest.mark.parametrize("path", ["/api/status", "/api/conversations", "/api/tickets", "/api/backups"])
@pytest.mark.parametrize("token", ["", "Bearer x", "Bearer eyJhbGciOiJub25lIn0.e30."])
def test_rest_wants_a_token(servers: Servers, path: str, token: str) -> None:
    answered = ask(servers.page, "GET", path, {"Authorization": token} if token else {})
    assert answered.status in (401, 403)


@pytest.mark.parametrize("path", ["/api/telegram", "/api/bridge/credentials"])
def test_the_open_routes_want_their_own_proof(servers: Servers, path: str) -> None:
    answered = ask(servers.page, "POST", path, {"Content-Type": "application/json"}, b'{"userId": "owner"}')
    assert answered.status in (401, 403)


def test_a_socket_wants_a_ticket(servers: Servers, product: Product) -> None:
    offered = {**UPGRADE, "Origin": product.origin, "Sec-WebSocket-Protocol": "openclaw.v1, ticket.x"}
    assert ask(servers.socket, "GET", f"/{STAGE}", offered).status == 403


def told(answered: Answer) -> str:
    return answered.body.decode()


def test_a_person_who_was_sent_here_reads_how_to_go_on(servers: Servers) -> None:
    answered = ask(servers.page, "GET", "/", dict(STRANGERS["a navigation"]))
    assert answered.status == 403
    assert 'href="/"' in told(answered)
    assert "다른 웹 페이지" in told(answered)
    assert "frame-ancestors 'none'" in answered.header("Content-Security-Policy")[0]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, {"Sec-Fetch-Site": "same-origin"}],
    ids=["a program", "the address bar", "the page"],
)
def test_the_page_opens(servers: Servers, headers: dict[str, str]) -> None:
    assert ask(servers.page, "GET", "/", headers).status == 200
    assert ask(servers.page, "GET", "/config.json", headers).status == 200


PATHS = ("/", "/config.json", "/no/such/page", "/gone.js", "/api/status", "/oidc/keys", "/oidc/authorize", "/sign-in/x")


@pytest.mark.parametrize("path", PATHS)
def test_whatever_the_pages_address_answers_no_other_page_may_frame_read_or_open_it(
    servers: Servers, path: str
) -> None:
    answered = ask(servers.page, "GET", path)
    assert answered.header("X-Content-Type-Options") == ["nosniff"]
    assert answered.header("X-Frame-Options") == ["DENY"]
    assert answered.header("Referrer-Policy") == ["no-referrer"]
    assert answered.header("Cross-Origin-Opener-Policy") == ["same-origin"]
    assert answered.header("Cross-Origin-Resource-Policy") == ["same-origin"]
    (policy,) = answered.header("Content-Security-Policy")
    for directive in ("default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"):
        assert directive in policy.split("; ")
    assert "unsafe" not in policy


@pytest.mark.parametrize("stranger", ["a rebound name", "another origin", "a socket", "an image, a script, no-cors"])
@pytest.mark.parametrize("path", ["/", "/message", "/status", "/shutdown", "/nothing"])
def test_the_bridge_tells_a_stranger_nothing(bridge: Address, stranger: str, path: str) -> None:
    for method in ("GET", "POST"):
        assert ask(bridge, method, path, dict(STRANGERS[stranger]), tls=True).status == 401


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("path", ["/", "/v1/responses", "/v1/chat/completions", "/tools/invoke", "/hooks/wake"])
def test_openclaws_gateway_does_nothing_for_a_stranger(gateway: Address, stranger: str, path: str) -> None:
    for method in ("GET", "POST"):
        answered = ask(gateway, method, path, dict(STRANGERS[stranger]))
        assert answered.status != 200, answered
        assert "access-control-allow-origin" not in answered.head.lower()


@pytest.mark.parametrize("first", ["sessions.list", "connect"])
@pytest.mark.parametrize("origin", [EVIL, "null", None])
def test_openclaws_gateway_closes_a_socket_without_its_token(gateway: Address, first: str, origin: str | None) -> None:
    params = build_connect("0" * 64) if first == "connect" else {}
    with connect(f"ws://{gateway[0]}:{gateway[1]}", origin=Origin(origin) if origin else None) as socket:
        socket.send(build_request("1", first, params))
        with pytest.raises(ConnectionClosed):
            while True:
                assert '"ok":true' not in str(socket.recv(10)).replace(" ", "")
