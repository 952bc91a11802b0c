"""The running product, shared by the tests that leave it as they found it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.e2e.page import Page
from tests.e2e.processes import alive, below
from tests.e2e.product import Product, wait_for
from tests.e2e.scene import Scene


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


@pytest.fixture(scope="module")
def hurt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product for tests that kill parts of it; it notices soon, and leaves no process behind."""
    product = Product(
        tmp_path_factory.mktemp("hurt"), WATCHDOG_SECONDS="1", BACKUP_SECONDS="5", LOG_FORMAT="json"
    ).start()
    yield product
    left = [found.pid for found in below(product.process.pid)]
    product.stop()
    wait_for(lambda: not any(map(alive, left)), "the end of all processes")


@pytest.fixture
def scene(hurt: Product) -> Iterator[Scene]:
    """A conversation of its own, with an agent that is awake."""
    scene = Scene(hurt)
    scene.greet()
    yield scene
    scene.page.close()
