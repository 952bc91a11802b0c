"""One running product for all files that attack it, and what an attacker needs: addresses, a browser, an account."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.app.conftest import cloud, moto, untouched
from tests.e2e.browser import chromium
from tests.e2e.cloud import Cloud
from tests.e2e.page import Page
from tests.e2e.processes import AGENT, environment, running
from tests.e2e.product import Product
from tests.e2e.shared import running as running_product

__all__ = ["cloud", "moto", "untouched"]  # fixtures
Address = tuple[str, int]


@dataclass(frozen=True)
class Servers:
    """Where each server of the running product listens."""

    page: Address
    socket: Address
    aws: Address
    demo_model: Address
    demo_path: str  # with its secret


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("product") / "state") as product:
        yield product


@pytest.fixture(scope="session")
def servers(product: Product) -> Servers:
    demo = urlsplit(product.demo_model())
    return Servers(
        page=("127.0.0.1", product.port),
        socket=("127.0.0.1", product.port + 1),
        aws=_address(Cloud.of(product).endpoint),
        demo_model=("127.0.0.1", demo.port or 0),
        demo_path=demo.path,
    )


@pytest.fixture(scope="session")
def awake(product: Product) -> Product:
    """Its agent runs, and has answered."""
    page = Page(product.origin).open()
    page.answer(page.send("hello", str(uuid.uuid4())), 120)
    page.close()
    return product


@pytest.fixture(scope="session")
def gateway(awake: Product) -> Address:
    """OpenClaw's own server."""
    (pid,) = running(awake.process.pid, AGENT)
    return "127.0.0.1", int(environment(pid)["GATEWAY_PORT"])


@pytest.fixture(scope="session")
def bridge(awake: Product) -> Address:
    host, _, port = str(Cloud.of(awake).agent().address).rpartition(":")
    return host, int(port)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with the file: while Playwright runs, its thread has an event loop, which others do not expect."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that other accounts can reach, as /home often is."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def _address(url: str) -> Address:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)
