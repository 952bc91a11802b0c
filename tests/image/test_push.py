"""The driver's Docker on a real Engine: what it builds and pushes comes back as the same image."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra import source
from infra.adapters.docker import DockerBuilder
from infra.adapters.programs import Programs
from infra.errors import DriverError
from local.docker.engine import DockerEngine
from tests.image.engine import ENVIRON, ROOT, Engine, command
from tests.image.registry import Registry, registry

PASSWORD = "as ECR gives one for twelve hours"


@dataclass(frozen=True)
class Pushed:
    name: str
    built: str  # the id of the image that was built
    registry: Registry
    person: DockerEngine  # with a configuration of their own


@pytest.fixture(scope="module")
def pushed(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushed]:
    folder = tmp_path_factory.mktemp("driver")
    person = DockerEngine(environ_of(engine, folder))
    programs = Programs(checkout(folder / "checkout"), person.environ)
    driver = DockerBuilder(programs, lambda _: None, f"linux/{programs.docker_machine()}")
    with registry(folder, PASSWORD) as server:
        name = f"{server.host}/images:tag"
        driver.build(name)
        built = person.client.images.get(name).id
        with pytest.raises(DriverError, match="docker login"):
            driver.push(name, "wrong")
        driver.push(name, PASSWORD)
        person.client.images.remove(name)
        yield Pushed(name, built, server, person)


def environ_of(engine: Engine, folder: Path) -> dict[str, str]:
    """The same Engine, but no password goes into this person's own file."""
    host = command(engine.environ, "context", "inspect", "--format={{.Endpoints.docker.Host}}")
    kept = {name: value for name, value in ENVIRON.items() if name != "DOCKER_CONTEXT"}
    return kept | {"DOCKER_HOST": host, "DOCKER_CONFIG": str(folder / "docker")}


def checkout(folder: Path) -> Path:
    """What the image is made of, with the base that this Engine has."""
    for path in (*source.files(ROOT), ROOT / ".dockerignore"):
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    if base := os.environ.get("IMAGE_BASE"):
        dockerfile = folder / "container" / "Dockerfile"
        lines = dockerfile.read_text().splitlines()
        dockerfile.write_text("\n".join(f"ARG BASE={base}" if each.startswith("ARG BASE=") else each for each in lines))
    return folder


def test_what_the_driver_pushed_is_what_it_built(pushed: Pushed, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"auths": {pushed.registry.host: {"auth": pushed.registry.key}}}))
    command({**pushed.person.environ, "DOCKER_CONFIG": str(tmp_path)}, "pull", pushed.name)
    assert pushed.person.client.images.get(pushed.name).id == pushed.built
    pushed.person.client.images.remove(pushed.name)


def test_the_registrys_password_does_not_stay(pushed: Pushed) -> None:
    config = Path(pushed.person.environ["DOCKER_CONFIG"], "config.json")
    assert pushed.registry.host not in config.read_text()
    with pytest.raises(RuntimeError, match=r"no basic auth|unauthorized"):
        command(pushed.person.environ, "pull", pushed.name)


def test_it_is_small_enough_to_start_from(pushed: Pushed) -> None:
    """Compressed, as a registry keeps it and Fargate pulls it."""
    _, content = pushed.registry.manifests["tag"]
    manifest = json.loads(content)
    assert sum(layer["size"] for layer in manifest["layers"]) < 200e6
