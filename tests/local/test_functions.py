"""Each function of the app has the rights of its role as it is deployed, and those are enough for what it does."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.chalice import ROLES
from local.aws.outage import CAPACITY, TASKS_SIGN
from local.cloud.environment import DEAD
from local.cloud.environments import Account, load
from local.cloud.ticker import TWICE
from local.names import BUCKET, CLUSTER, SECRETS, SECURITY_GROUP, SUBNET, TABLE_PREFIX
from tests.e2e.page import Page, fetch
from tests.e2e.product import ROOT, Product, wait_for
from tests.e2e.shared import running
from tests.local.conftest import KEYS, EmbeddedAws

NETWORK = {"awsvpcConfiguration": {"subnets": [SUBNET], "securityGroups": [SECURITY_GROUP]}}
CALLS: dict[str, Any] = {
    "rows": lambda of: of("dynamodb").get_item(TableName=f"{TABLE_PREFIX}Settings", Key=key("userId", "sk")),
    "sockets": lambda of: of("dynamodb").get_item(TableName=f"{TABLE_PREFIX}Connections", Key=key("connectionId")),
    "all sockets": lambda of: of("dynamodb").scan(TableName=f"{TABLE_PREFIX}Connections"),
    "uploads": lambda of: of("s3").put_object(Bucket=BUCKET, Key="users/ada/uploads/1", Body=b"x"),
    "a bot": lambda of: of("ssm").get_parameter(Name=f"{SECRETS}telegram-bot-token", WithDecryption=True),
    "a model's key": lambda of: of("ssm").get_parameter(Name=f"{SECRETS}openai-api-key", WithDecryption=True),
    "tasks": lambda of: of("ecs").list_tasks(cluster=CLUSTER),
    "a start": lambda of: of("ecs").run_task(
        cluster=CLUSTER, taskDefinition=CLUSTER, networkConfiguration=NETWORK, clientToken="1"
    ),
}
MAY = {
    "api_handler": {"rows", "sockets", "uploads", "a bot", "tasks", "a start"},
    "watchdog": {"rows", "sockets", "all sockets", "a bot", "tasks", "a start"},
    "websocket_connect": {"sockets"},
    "websocket_message": {"rows", "sockets", "tasks", "a start"},
    "websocket_disconnect": {"sockets"},
}


def key(*names: str) -> dict[str, Any]:
    return {name: {"S": "x"} for name in names}


@pytest.fixture(scope="module")
def account(aws: EmbeddedAws) -> EmbeddedAws:
    for name in ("telegram-bot-token", "openai-api-key"):
        aws.client("ssm").put_parameter(Name=SECRETS + name, Value="value", Type="SecureString", Overwrite=True)
    (aws.state / TASKS_SIGN).write_text(CAPACITY)
    return aws


@pytest.mark.parametrize("function", ROLES)
def test_a_function_may_what_its_role_may_and_is_denied_all_else(account: EmbeddedAws, function: str) -> None:
    keys, allowed = Account(keys=KEYS).keys_of(function), set[str]()
    for name, call in CALLS.items():
        try:
            call(lambda service: account.client(service, **keys))
            allowed.add(name)
        except ClientError as refused:
            assert refused.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
            assert "no identity-based policy allows it" in str(refused)
    assert allowed == MAY[function]
    assert f"of {ROLES[function]} on arn:aws:ssm" in (account.state / "aws.log").read_text()


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Without an agent: no task is ever started. Each event finds dead connections, and each tick comes twice."""
    state = tmp_path_factory.mktemp("functions")
    (state / TASKS_SIGN).write_text(f"{CAPACITY} Capacity is unavailable at this time.")
    for sign in (DEAD, TWICE):
        (state / sign).touch()
    with running(state, WATCHDOG_SECONDS="0.2") as product:
        yield product


BODIES = {
    "/settings": {"idleMinutes": 20},
    "/agent/halt": {"halted": False},
    "/uploads": {"name": "a.txt", "mimeType": "text/plain", "bytes": 3},
    "/conversations/{conversation_id}": {"title": "a"},
}


def test_the_roles_are_enough_for_every_route_socket_and_timer(product: Product) -> None:
    page, talk = Page(product.origin).open(), str(uuid.uuid4())
    page.acked(page.send("hello [[n=1]]", talk))
    for path, methods in load(ROOT / "app.py", "app_with_roles").routes.items():
        place = path.replace("{link}", "telegram").replace("{conversation_id}", talk)
        place = place.replace("{media_id}", str(uuid.uuid4())).replace("{backup}", "1")
        for method in methods:
            status, answered = fetch(
                f"{product.origin}/api{place}", method=method, body=BODIES.get(path, {}), token=page.token
            )
            assert status < 500 or "Internal" not in str(answered), (method, path, answered)
    page.close()
    cloud = product.state / "logs" / "cloud.log"
    wait_for(lambda: "Capacity" in cloud.read_text() or "no machine free" in cloud.read_text(), "a refused start")
    assert product.newly_denied() == []
    assert "Traceback" not in cloud.read_text()
