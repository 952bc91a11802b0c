"""`store` is each implementation of the Store port in turn; `aws_environment` what boto3 needs to sign a request."""

from __future__ import annotations

import pytest

from tests.fakes.models import share_models
from tests.state.conftest import moto, store

share_models()

__all__ = ["aws_environment", "moto", "store"]


@pytest.fixture
def aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
