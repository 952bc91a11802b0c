"""Each state test that takes `store` runs in memory and on DynamoDB (moto); `memory` is the quick one alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from chalicelib.store import Store
from tests.fakes.dynamodb import fresh_tables
from tests.fakes.store import MemoryStore


@pytest.fixture(scope="module")
def moto() -> Iterator[None]:
    """One for many tests: each has tables of its own, and moto's reset takes longer than most of them."""
    with mock_aws():
        yield


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return MemoryStore()
    request.getfixturevalue("moto")
    return fresh_tables()


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()
