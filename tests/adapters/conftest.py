"""`store` is each implementation of the Store port in turn; `aws_environment` what boto3 needs to sign a request."""

from __future__ import annotations

import pytest

from chalicelib.store import Store
from tests.fakes.dynamodb import fresh_tables
from tests.fakes.models import share_models
from tests.fakes.store import MemoryStore
from tests.tables.conftest import moto

__all__ = ["aws_environment", "moto", "store"]
share_models()


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return MemoryStore()
    request.getfixturevalue("moto")
    return fresh_tables()


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
