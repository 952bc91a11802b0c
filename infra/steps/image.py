"""The image: by Docker here where it builds for ARM without emulation, else by CodeBuild in the account."""

from __future__ import annotations

from datetime import timedelta

from infra import source
from infra.adapters.buckets import Upload
from infra.adapters.docker import DockerBuilder
from infra.adapters.public_registry import PublicRegistry
from infra.context import StepContext
from infra.errors import AwsError, BuildFailed
from infra.holds import explain_hold
from infra.plan import BuildImage
from infra.steps.copy import copy_image
from infra.steps.digest import forget_digest, pin_image

PAUSE = 5.0
TIMEOUT = timedelta(minutes=45)


def build_image(context: StepContext, step: BuildImage) -> None:
    if context.aws.registry.has(context.names.images, step.tag):
        context.detail("it is there")
        return
    forget_digest(context, step.tag)
    _build(context, step)
    context.detail(f"its digest is {pin_image(context, step.tag)}")


def _build(context: StepContext, step: BuildImage) -> None:
    if step.builder == "copy":
        copy_image(context, PublicRegistry(context.config.image_from), step.tag)
    elif step.builder == "docker":
        _build_here(context, step.tag)
    else:
        _build_there(context, step.tag)


def _build_here(context: StepContext, tag: str) -> None:
    name, docker = f"{context.outputs()['Images']}:{tag}", DockerBuilder(context.programs, context.detail)
    docker.build(name)
    docker.push(name, context.aws.registry.password())


def _start(context: StepContext, packed: str, tag: str) -> str:
    """The build's id."""
    try:
        return context.aws.builds.start(context.outputs()["Build"], packed, tag)
    except AwsError as error:
        if hold := explain_hold(str(error), context.aws.region):
            raise BuildFailed(f"{error}\n{hold}") from error
        raise


def _build_there(context: StepContext, tag: str) -> None:
    outputs, key = context.outputs(), f"builds/{tag}.zip"
    packed = source.pack(context.root)
    context.aws.buckets.put(outputs["DataBucket"], Upload(key, packed, "application/zip", "no-store"))
    build_id = _start(context, f"{outputs['DataBucket']}/{key}", tag)
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
