"""The image, built when it is not there, and the product on it. Without a Docker Engine one line says so."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator

import pytest

from local.docker.config import DockerConfig
from local.docker.image import prepare
from local.errors import DockerMissing
from tests.e2e.product import Product
from tests.image.canaries import plant
from tests.image.engine import ENVIRON, ROOT, Engine


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    containers = DockerConfig.from_env({**os.environ, "RUNNER": "docker"})
    assert containers
    log = tmp_path_factory.mktemp("image") / "build.log"
    said: list[str] = []
    try:
        with (tmp_path_factory.getbasetemp().parent / "image.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one process builds it, for all
            ready = prepare(containers, ROOT, log, said.append, lambda: None)
    except DockerMissing as error:
        pytest.skip(str(error))
    engine = Engine(ENVIRON)
    engine.image = ready.image
    return engine


@pytest.fixture(scope="session")
def on_image(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    state = tmp_path_factory.mktemp("on-image")
    product = Product(state, RUNNER="docker", IMAGE=engine.image, **without_tools()).start()
    plant(product)
    yield product
    product.stop()


def without_tools() -> dict[str, str]:
    """How the Engine is found; the rest every product has."""
    return {name: value for name, value in ENVIRON.items() if name.startswith("DOCKER_")}
