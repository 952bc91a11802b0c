"""How an image is built and what becomes of old ones, without an account: CodeBuild's commands, Docker's, ECR's."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.adapters.docker import DockerBuilder
from infra.adapters.programs import Programs
from infra.adapters.registry import Registry
from infra.images import ImageRecord
from tests.infra.templates import INFRA, template

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BASE = next(
    line.removeprefix("ARG BASE=")
    for line in (INFRA.parent / "container" / "Dockerfile").read_text().splitlines()
    if line.startswith("ARG BASE=")
)
MIRROR = f"public.ecr.aws/docker/library/{BASE}"
DOCKER = """#!/bin/sh
echo "$@" >>"$SAID"
[ "$1" = pull ] || exit 0
echo x >>"$SAID.pulls"
[ "$(wc -l <"$SAID.pulls")" -gt "$REFUSED" ]
"""


def build_there(folder: Path, refused: int) -> list[str]:
    """The commands of CodeBuild's project, with a registry that refuses the first pulls; what Docker was told."""
    (folder / "container").mkdir()
    (folder / "container" / "Dockerfile").write_text((INFRA.parent / "container" / "Dockerfile").read_text())
    for name, script in {"docker": DOCKER, "aws": "#!/bin/sh\necho password\n", "sleep": "#!/bin/sh\n"}.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    said = folder / "said"
    environ = {"PATH": f"{folder}:{os.environ['PATH']}", "SAID": str(said), "REFUSED": str(refused)}
    spec = yaml.safe_load(template("base")["Resources"]["Build"]["Properties"]["Source"]["BuildSpec"])
    script = "\n".join(spec["phases"]["build"]["commands"])
    subprocess.run(
        ["sh", "-c", script], cwd=folder, env={**environ, "REPOSITORY": "ecr.example/it", "TAG": "abc"}, check=True
    )
    return said.read_text().splitlines()


@pytest.mark.parametrize(
    ("refused", "pulled"),
    [(0, [MIRROR]), (1, [MIRROR, MIRROR]), (2, [MIRROR, MIRROR, BASE]), (9, [MIRROR, MIRROR, BASE])],
)
def test_codebuild_takes_the_base_from_the_mirror_again_and_then_from_the_hub(
    tmp_path: Path, refused: int, pulled: list[str]
) -> None:
    said = build_there(tmp_path, refused)
    assert [line.split()[-1] for line in said if line.startswith("pull")] == pulled
    (build,) = [line for line in said if line.startswith("build ")]
    assert f"BASE={pulled[-1]}" in build
    assert "@sha256:" in build
    assert "--provenance=false --load" in build
    assert said[-1] == "push ecr.example/it:abc"


@dataclass(frozen=True)
class Told(Programs):
    buildx: bool = True
    ran: list[Sequence[str]] = field(default_factory=list)

    def has_buildx(self) -> bool:
        return self.buildx

    def run(self, command: Sequence[str], say: Callable[[str], None], secret: str = "") -> None:
        self.ran.append(command)


@pytest.mark.parametrize("buildx", [True, False])
def test_docker_here_makes_one_manifest_and_loads_it_where_it_knows_how(buildx: bool) -> None:
    programs = Told(Path(), {}, buildx)
    DockerBuilder(programs, lambda _: None).build("it:abc")
    assert ({"--provenance=false", "--load"} <= set(programs.ran[0])) == buildx


@pytest.mark.parametrize("refused", [[], ["r1", "r2", "r3"]])
def test_refused_images_do_not_push_out_the_one_in_use(refused: list[str]) -> None:
    record = ImageRecord().use("old").use("older").use("now")
    for tag in refused:
        record = record.refuse(tag, "its canary failed")
    tags = [*refused, "now", "older", "old"]
    assert record.dispensable(tags, "now", ()) == refused


def test_the_image_in_use_stays_however_old_it_is_and_so_does_one_that_runs() -> None:
    tags = ["f", "e", "d", "c", "b", "a"]
    assert ImageRecord().dispensable(tags, "a", {"c"}) == ["d", "b"]
    assert ImageRecord().use("b").use("d").use("a").dispensable(tags, "a", ()) == ["f", "e", "c"]
    assert ImageRecord().dispensable([], "a", ()) == []


@dataclass
class Ecr:
    """Its client: what it was told to delete."""

    images: list[dict[str, Any]]
    deleted: list[dict[str, str]] = field(default_factory=list)

    def get_paginator(self, _: str) -> Ecr:
        return self

    def paginate(self, repositoryName: str) -> Iterator[dict[str, Any]]:
        yield {"imageDetails": self.images}

    def batch_delete_image(self, repositoryName: str, imageIds: list[dict[str, str]]) -> None:
        assert 1 <= len(imageIds) <= 100
        self.deleted += imageIds


def test_what_has_no_tag_goes_too_unless_it_is_just_being_pushed() -> None:
    old, new = NOON - timedelta(days=1), NOON
    client = Ecr(
        [
            {"imageDigest": "1", "imagePushedAt": old},
            {"imageDigest": "2", "imagePushedAt": new},
            {"imageDigest": "3", "imagePushedAt": old, "imageTags": ["now"]},
        ]
    )
    Registry(client).prune("it", ["gone"] * 150, NOON - timedelta(hours=1))
    assert client.deleted == [{"imageTag": "gone"}] * 150 + [{"imageDigest": "1"}]


def test_no_rule_of_ecr_deletes_what_only_the_driver_knows() -> None:
    assert "LifecyclePolicy" not in template("base")["Resources"]["Images"]["Properties"]
