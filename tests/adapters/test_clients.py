"""A client of AWS gives up before its caller has to: a function is killed, and a bridge has a last backup to make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.adapters import apigateway, s3
from chalicelib.adapters.clients import make_client
from tests.test_boundaries import ROOT, sources

OTHERWISE = re.compile(r"(?:boto3|\w*session\w*(?:\(\))?)\.(?:client|resource)\(")
SERVICES = ("cognito-idp", "dynamodb", "ecs", "ssm", "sts")
CLIENTS: dict[str, Callable[[], Any]] = {
    **{service: (lambda service=service: make_client(service)) for service in SERVICES},  # type: ignore[misc]
    "s3": s3.connect,
    "@connections": lambda: apigateway.connect("https://example.com"),
}


@pytest.fixture(autouse=True)
def aws(aws_environment: None) -> None:
    """A client is not made without a region."""


OF_LONG_FUNCTIONS = {"s3"}  # no socket's begin or end asks for an object
BACKOFF = 3  # seconds at most that botocore waits between three attempts


def shortest_time_of_a_function() -> int:
    functions = json.loads((ROOT / ".chalice" / "config.json").read_text())["lambda_functions"]
    shortest: int = min(each["lambda_timeout"] for each in functions.values())
    return shortest


@pytest.mark.parametrize("service", sorted(CLIENTS))
def test_a_call_that_nobody_answers_ends_while_its_function_can_still_say_so(service: str) -> None:
    config = CLIENTS[service]().meta.config
    longest = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)
    function = 29 if service in OF_LONG_FUNCTIONS else shortest_time_of_a_function()
    assert longest + BACKOFF < function


@pytest.mark.parametrize("place", ["app.py", "chalicelib", "container/bridge"])
def test_no_client_is_made_in_another_way(place: str) -> None:
    clients = ROOT / "chalicelib" / "adapters" / "clients.py"
    made = [str(path) for path in sources(place) if path != clients and OTHERWISE.search(path.read_text())]
    assert made == []
