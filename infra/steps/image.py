"""The image: by Docker here where it builds for ARM without emulation, else by CodeBuild in the account."""

from __future__ import annotations

from datetime import timedelta

from infra import source
from infra.adapters.buckets import Upload
from infra.adapters.docker import DockerBuilder
from infra.context import StepContext
from infra.errors import BuildFailed
from infra.plan import BuildImage

PAUSE = 5.0
TIMEOUT = timedelta(minutes=45)


def build_image(context: StepContext, step: BuildImage) -> None:
    if context.aws.registry.has(context.names.images, step.tag):
        context.detail("it is there")
    elif step.builder == "docker":
        _build_here(context, step.tag)
    else:
        _build_there(context, step.tag)


def _build_here(context: StepContext, tag: str) -> None:
    name, docker = f"{context.outputs()['Images']}:{tag}", DockerBuilder(context.programs, context.detail)
    docker.build(name)
    docker.push(name, context.aws.registry.password())


def _build_there(context: StepContext, tag: str) -> None:
    outputs, key = context.outputs(), f"builds/{tag}.zip"
    packed = source.pack(context.root)
    context.aws.buckets.put(outputs["DataBucket"], Upload(key, packed, "application/zip", "no-store"))
    build_id = context.aws.builds.start(outputs["Build"], f"{outputs['DataBucket']}/{key}", tag)
    deadline, phase = context.clock() + TIMEOUT, ""
    while not (build := context.aws.builds.look(build_id)).ended:
        if build.phase != phase:
            phase = build.phase
            context.detail(phase.lower().replace("_", " "))
        if context.clock() > deadline:
            raise BuildFailed(f"The build has not ended after 45 minutes: {build.log}")
        context.sleep(PAUSE)
    if build.status != "SUCCEEDED":
        raise BuildFailed(f"The build ended with {build.status}. What it said: {build.log}")
