"""Each state test that takes `store` runs in memory and on DynamoDB (moto); `memory` is the quick one alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.ports import Store
from tests.fakes.dynamodb import dynamo_store
from tests.fakes.store import MemoryStore


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
    else:
        with dynamo_store() as store:
            yield store


@pytest.fixture
def memory() -> MemoryStore:
    return MemoryStore()
