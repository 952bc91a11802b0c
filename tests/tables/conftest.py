"""Each state test that takes `store` runs in memory and on DynamoDB (moto); `memory` is the quick one alone.

That both stores do the same is proved in tests/adapters; here DynamoDB is left to `make test`.
"""

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


@pytest.fixture(params=["memory", pytest.param("dynamodb", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return MemoryStore()
    request.getfixturevalue("moto")
    return fresh_tables()


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()
