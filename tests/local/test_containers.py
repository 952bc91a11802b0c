"""Tasks as containers: what is asked of Docker, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.aws.containers import TaskLimits
from local.aws.task import AGENT, BRIDGE
from local.config import LocalConfig
from local.docker.config import DockerConfig
from local.docker.engine import DockerEngine
from local.docker.image import TaskImage, build_stages
from local.errors import DockerMissing, LocalConfigError

ROOT = Path(__file__).parents[2]


def test_tasks_are_processes_unless_docker_is_asked_for() -> None:
    assert LocalConfig.from_env({}, ROOT).docker is None
    docker = LocalConfig.from_env({"RUNNER": "docker", "DOCKER_HOST": "unix:///x", "OTHER": "1"}, ROOT).docker
    assert docker
    assert docker.engine.environ == {"DOCKER_HOST": "unix:///x"}
    assert DockerConfig.from_env(docker.environ()) == docker


@pytest.mark.parametrize("environ", [{"TASK_CPUS": "none"}, {"TASK_CPUS": "0.1"}, {"TASK_MEMORY_MB": "512"}])
def test_less_than_an_agent_needs_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(LocalConfigError, match="cannot be used: give a number from"):
        DockerConfig.from_env({"RUNNER": "docker", **environ})


def test_without_docker_one_line_says_what_to_do() -> None:
    with pytest.raises(DockerMissing, match=r"there is no docker command\): start Docker, or run without RUNNER\.$"):
        DockerEngine({"PATH": "/nowhere"}).check()


def test_without_an_engine_the_line_has_dockers_own_words(tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'Is the daemon running?.' >&2\necho more >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    with pytest.raises(DockerMissing, match=r"none answers \(Is the daemon running\?\): start Docker"):
        DockerEngine({"PATH": str(tmp_path)}).check()


@pytest.mark.parametrize(
    ("cpus", "cores", "options"), [(1, 8, "1 0-0"), (2, 8, "2 0-1"), (0.5, 8, "0.5 0-0"), (4, 2, "2 0-1")]
)
def test_both_containers_share_the_cores_of_the_task(cpus: float, cores: int, options: str) -> None:
    for container in (BRIDGE, AGENT):
        found = TaskLimits(cpus).options(container, cores)
        assert f"{found['nano_cpus'] / 1e9:g} {found['cpuset_cpus']}" == options


def test_their_memory_is_that_of_the_task() -> None:
    both = [TaskLimits(memory_mb=2048).options(container, 1) for container in (BRIDGE, AGENT)]
    assert sum(int(options["mem_limit"].removesuffix("m")) for options in both) == 2048


def test_the_image_is_another_one_when_something_in_it_is(tmp_path: Path) -> None:
    (tmp_path / "container").mkdir()
    (tmp_path / "container" / "Dockerfile").write_text("FROM base")
    (tmp_path / ".dockerignore").write_text("*\n!code\n")
    (tmp_path / "code").mkdir()
    image = TaskImage(tmp_path, DockerEngine({}))
    tags = {image.tag, TaskImage(tmp_path, DockerEngine({}), "other").tag}
    (tmp_path / "code" / "new.py").write_text("")
    (tmp_path / "not code").write_text("")
    assert len(tags | {image.tag}) == 3
    (tmp_path / "not code").write_text("changed")
    assert len(tags | {image.tag}) == 3


def test_both_builders_tell_their_stages() -> None:
    said = ["Step 5/40 : FROM base AS tools\n", "#9 [packages 3/6] RUN npm ci\n", "#1 [internal] load\n", " ---> 1\n"]
    assert list(build_stages(said)) == ["tools", "packages"]
