"""The image: by Docker here where it builds for ARM without emulation, else by CodeBuild in the account."""

from __future__ import annotations

from datetime import timedelta

from infra import source
from infra.adapters.buckets import Upload
from infra.adapters.docker import Docker
from infra.context import Work
from infra.errors import BuildFailed
from infra.plan import BuildImage

LOOK = 5.0
PATIENCE = timedelta(minutes=45)


def build_image(work: Work, step: BuildImage) -> None:
    if work.aws.registry.has(work.names.images, step.tag):
        work.detail("it is there")
    elif step.builder == "docker":
        _build_here(work, step.tag)
    else:
        _build_there(work, step.tag)


def _build_here(work: Work, tag: str) -> None:
    name, docker = f"{work.outputs()['Images']}:{tag}", Docker(work.programs, work.detail)
    docker.build(name)
    docker.push(name, work.aws.registry.password())


def _build_there(work: Work, tag: str) -> None:
    outputs, key = work.outputs(), f"builds/{tag}.zip"
    packed = source.pack(work.root)
    work.aws.buckets.put(outputs["DataBucket"], Upload(key, packed, "application/zip", "no-store"))
    build_id = work.aws.builds.start(outputs["Build"], f"{outputs['DataBucket']}/{key}", tag)
    deadline, phase = work.clock() + PATIENCE, ""
    while not (build := work.aws.builds.look(build_id)).ended:
        if build.phase != phase:
            phase = build.phase
            work.detail(phase.lower().replace("_", " "))
        if work.clock() > deadline:
            raise BuildFailed(f"The build has not ended after 45 minutes: {build.log}")
        work.sleep(LOOK)
    if build.status != "SUCCEEDED":
        raise BuildFailed(f"The build ended with {build.status}. What it said: {build.log}")
