"""`cloud` is app.py as Lambda loads it: a fresh module with its own environment, over moto and a real @connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from chalice.app import Chalice
from moto import mock_aws

from tests.app.cloud import Cloud
from tests.fakes.dynamodb import fresh_tables
from tests.fakes.http import HttpServer, http_server
from tests.fakes.world import ORIGIN

if TYPE_CHECKING:
    from chalicelib.wiring import Services

ROOT = Path(__file__).parent.parent.parent
REGION = "eu-central-1"
_numbers = count(1)


@pytest.fixture(scope="module")
def moto() -> Iterator[None]:
    """One for many clouds: each has empty tables, a bucket and a cluster of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # a third of a second
        with mock_aws():
            yield


@pytest.fixture
def cloud(moto: None) -> Iterator[Cloud]:
    with fresh_cloud("test") as cloud:
        yield cloud


@pytest.fixture(scope="module")
def untouched(moto: None) -> Iterator[Cloud]:
    """One for many tests that leave nothing behind."""
    with fresh_cloud("untouched") as cloud:
        yield cloud


@contextmanager
def fresh_cloud(stage: str) -> Iterator[Cloud]:
    with http_server() as sockets, pytest.MonkeyPatch.context() as patch:
        number = next(_numbers)
        for name, value in _environment(sockets, stage, number).items():
            patch.setenv(name, value)
        patch.setenv("ECS_CLUSTER_ARN", _cluster(number))
        patch.setenv("SUBNET_IDS", client("ec2").describe_subnets()["Subnets"][0]["SubnetId"])
        fresh_tables(f"serverless-openclaw-{stage}-")
        module = load()
        yield Cloud(cast("Chalice", module.app), cast("Services", module.services()), sockets)


def _environment(sockets: HttpServer, stage: str, number: int) -> dict[str, str]:
    return {
        "AWS_DEFAULT_REGION": REGION,
        "STAGE": stage,
        "S3_DATA_BUCKET": f"bucket-{number}",
        "TASK_DEFINITION_ARN": "agent",
        "SECURITY_GROUP_IDS": "group-of-the-test",
        "WEBSOCKET_CALLBACK_URL": sockets.url,
        "WEB_ORIGIN": ORIGIN,
        "LOG_LEVEL": "WARNING",
    }


@cache
def client(service: str) -> Any:
    """Shared, because making one takes longer than most of what is asked of it."""
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]


def load() -> ModuleType:
    """A new instance of app.py, which nothing else has a hold of."""
    spec = spec_from_file_location("app_under_test", ROOT / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _cluster(number: int) -> str:
    bridge = {"name": "bridge", "image": "agent", "memory": 512}
    client("ecs").register_task_definition(family="agent", containerDefinitions=[bridge])
    return str(client("ecs").create_cluster(clusterName=f"test{number}")["cluster"]["clusterArn"])
