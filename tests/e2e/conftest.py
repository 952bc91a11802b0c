"""The running product, shared by the tests that leave it as they found it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.e2e.page import Page
from tests.e2e.product import Product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    product = Product(tmp_path_factory.mktemp("product")).start()
    yield product
    product.stop()


@pytest.fixture
def page(product: Product) -> Iterator[Page]:
    page = Page(product.origin).open()
    yield page
    page.close()


@pytest.fixture
def conversation() -> str:
    return str(uuid.uuid4())
