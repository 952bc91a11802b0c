"""`upgrade`: another version of OpenClaw is built and tried on a copy of the newest backup before anybody uses it.

The canary is an agent of a user made for it. It starts by the very code that starts every agent, from a task
definition of its own; it restores a copy of what the owner's agent knows, speaks, sleeps and remembers. Only then do
the owners' tasks get the image, at their next start.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import boto3

from chalicelib.config import AppConfig
from chalicelib.domain.generations import decode_manifest, encode_manifest
from chalicelib.wiring import Services, aws
from infra.adapters.visitor import Visitor
from infra.chalice import environment
from infra.context import StepContext
from infra.errors import DriverError
from infra.plan import BuildImage, PutStack
from infra.steps.image import build_image
from infra.steps.stack import put_stack
from infra.steps.verify import WORDS, converse, temporary_user, visitor_of
from infra.survey import facts

COPIED = ("containerDefinitions", "volumes", "cpu", "memory", "networkMode", "runtimePlatform", "executionRoleArn")


Talk = Callable[[Visitor, str, Callable[[str], None], Callable[[], object]], None]


def upgrade(context: StepContext, talk: Talk = converse) -> None:
    if context.config.rollback:
        roll_back(context)
        return
    if context.config.openclaw:
        pin(context, context.config.openclaw)
    known = facts(context)
    if known.stack is None:
        raise DriverError("Nothing is deployed yet: run `make deploy`.")
    if known.stack.parameters.get("ImageTag") == known.tag:
        context.console.say("This image is in use already.")
        return
    context.console.say(f"[1/3] Image {known.tag}")
    build_image(context, BuildImage(known.tag, known.builder))
    context.console.say("[2/3] Canary: a start from a copy of the newest backup, and a conversation")
    try_out(context, known.tag, talk)
    context.console.say("[3/3] Tasks run it from their next start")
    use(context, known.tag)
    context.console.say("Back again: make upgrade ROLLBACK=1")


def pin(context: StepContext, version: str) -> None:
    """In package.json and its lock, with the hash of every package."""
    folder = str(context.root / "container")
    command = ["npm", "install", "--prefix", folder, "--package-lock-only", "--ignore-scripts", "--save-exact"]
    context.programs.run([*command, f"openclaw@{version}"], context.detail)


def roll_back(context: StepContext) -> None:
    stack = context.aws.stacks.find(context.names.stack)
    used = stack.parameters.get("ImageTag") if stack else None
    images = [image.tag for image in context.aws.registry.images(context.names.images)]
    older = images[images.index(used) + 1 :] if used in images else images
    if not older:
        raise DriverError("There is no older image to go back to.")
    use(context, older[0])
    context.console.say(f"Tasks run {older[0]} from their next start, instead of {used}.")


def use(context: StepContext, tag: str) -> None:
    stack = context.aws.stacks.find(context.names.stack)
    before = stack.parameters if stack else {}
    put_stack(context, PutStack(context.names.stack, "template.yaml", {**before, "ImageTag": tag}))


def try_out(context: StepContext, tag: str, talk: Talk) -> None:
    outputs = context.outputs()
    with temporary_user(context, outputs) as (user_id, token), canary_definition(context, tag) as family:
        copied = copy_newest(context, outputs["DataBucket"], user_id)
        context.detail(f"{copied} objects of the newest backup are copied" if copied else "there is no backup yet")
        lifecycle = _services(context, outputs, family).lifecycle
        visitor = visitor_of(context, outputs, token)
        talk(visitor, secrets.choice(WORDS), context.detail, lambda: lifecycle.start(user_id))


def _services(context: StepContext, outputs: dict[str, str], family: str) -> Services:
    """The app's own, here: a message would start the task that is in use."""
    boto3.setup_default_session(region_name=context.aws.region)
    config = AppConfig.from_env(environment(context.names, outputs) | {"TASK_DEFINITION_ARN": family})
    return Services(config, aws(config))


@contextmanager
def canary_definition(context: StepContext, tag: str) -> Iterator[str]:
    """The task definition in use with another image, for as long as the canary lives; its ARN."""
    ecs, family = context.aws.client("ecs"), context.names.stack
    used = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    copied = {key: used[key] for key in COPIED if key in used}
    containers = json.loads(json.dumps(copied["containerDefinitions"]))
    for container in containers:
        container["image"] = f"{container['image'].rpartition(':')[0]}:{tag}"
    made = ecs.register_task_definition(
        **{**copied, "containerDefinitions": containers},
        family=f"{family}-canary",
        requiresCompatibilities=["FARGATE"],
    )["taskDefinition"]["taskDefinitionArn"]
    try:
        yield str(made)
    finally:
        ecs.deregister_task_definition(taskDefinition=made)


def copy_newest(context: StepContext, bucket: str, user_id: str) -> int:
    """The state of whoever made the newest backup, under the canary's own prefix; how many objects."""
    s3 = context.aws.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="users/")
    found = [each for page in pages for each in page.get("Contents", [])]
    manifests = [each for each in found if each["Key"].endswith("/state/manifest.json")]
    if not manifests:
        return 0
    newest = max(manifests, key=lambda each: each["LastModified"])["Key"].removesuffix("manifest.json")
    copied = [each["Key"] for each in found if each["Key"].startswith(newest)]
    for key in copied:
        target = f"users/{user_id}/state/{key.removeprefix(newest)}"
        s3.copy_object(Bucket=bucket, Key=target, CopySource={"Bucket": bucket, "Key": key})
    place = f"users/{user_id}/state/manifest.json"
    manifest = decode_manifest(s3.get_object(Bucket=bucket, Key=place)["Body"].read())
    unclaimed = encode_manifest(replace(manifest, epoch=0))  # else the canary's first epoch would be too old for it
    s3.put_object(Bucket=bucket, Key=place, Body=unclaimed)
    return len(copied)
