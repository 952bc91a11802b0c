"""`store` is each implementation of the Store port in turn; `aws_environment` what boto3 needs to sign a request."""

from __future__ import annotations

import pytest

from tests.state.conftest import store as store  # noqa: PLC0414  a fixture is shared by importing it


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
