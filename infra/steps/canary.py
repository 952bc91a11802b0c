"""The canary: an agent of a user made for it tries an image on a copy of the newest backup before anybody uses it.

It starts by the very code that starts every agent, from a task definition of its own; it restores a copy of what the
owner's agent knows, speaks, sleeps and remembers. Only then do the owners' tasks get the image, at their next start.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from chalicelib.domain.generations import decode_manifest, encode_manifest
from chalicelib.services.lifecycle import Lifecycle
from infra.context import StepContext
from infra.conversation import WORDS
from infra.errors import CheckFailed
from infra.images import read_images, write_images
from infra.plan import PutStack, ReplaceImage
from infra.services import services_of
from infra.steps.digest import pin_image, with_digest
from infra.steps.stack import put_stack
from infra.steps.verify import temporary_user, visitor_of

WITHOUT_SCHEDULES = ({"name": "OPENCLAW_SKIP_CRON", "value": "1"},)  # the copy knows the owner's: they would run twice
COPIED = ("containerDefinitions", "volumes", "cpu", "memory", "networkMode", "runtimePlatform", "executionRoleArn")


def replace_image(context: StepContext, step: ReplaceImage) -> None:
    """Tried first. A refusal is remembered, so that no later deploy uses the image without trying it again."""
    try:
        try_out(context, step.tag)
    except CheckFailed as error:
        refuse(context, step.tag, f"its canary failed: {error}")
        raise CheckFailed(
            f"{error}\nThe image {step.tag} is refused: tasks go on with {step.instead_of}. "
            "Once it is mended, `make deploy`; to try the same again, `make upgrade`."
        ) from error
    use(context, step.tag)


def use(context: StepContext, tag: str) -> None:
    """By all tasks, from their next start."""
    stack = context.aws.stacks.find(context.names.stack)
    before = stack.parameters if stack else {}
    step = PutStack(context.names.stack, "template.yaml", {**before, "ImageTag": tag})
    put_stack(context, with_digest(context, step))
    note_use(context, tag)


def note_use(context: StepContext, tag: str) -> None:
    bucket = context.outputs()["DataBucket"]
    write_images(context.aws.buckets, bucket, read_images(context.aws.buckets, bucket).use(tag))


def refuse(context: StepContext, tag: str, why: str) -> None:
    bucket = context.outputs()["DataBucket"]
    write_images(context.aws.buckets, bucket, read_images(context.aws.buckets, bucket).refuse(tag, why))


def try_out(context: StepContext, tag: str) -> None:
    outputs = context.outputs()
    with temporary_user(context, outputs) as (user_id, token), canary_definition(context, tag) as family:
        copied = copy_newest(context, outputs["DataBucket"], user_id)
        context.detail(f"{copied} objects of the newest backup are copied" if copied else "there is no backup yet")
        # the app's own start, here: a message would start the task that is in use
        services = services_of(context, outputs, TASK_DEFINITION_ARN=family)
        starts = OwnStarts(services.lifecycle, user_id)
        context.talk(visitor_of(context, outputs, token), secrets.choice(WORDS), context.detail, starts.wake)
        starts.check()


@dataclass
class OwnStarts:
    """Of the canary: where its task is gone, the watchdog starts the image in use, which would answer in its place."""

    lifecycle: Lifecycle
    user_id: str
    epoch: int | None = None

    def wake(self) -> None:
        self.check()
        self.epoch = self.lifecycle.start(self.user_id).epoch

    def check(self) -> None:
        """Raises CheckFailed when another start than its own has begun."""
        if self.epoch not in (None, self.lifecycle.status(self.user_id)[0].epoch):
            raise CheckFailed("The canary's task ended, and the image in use answered: see `python -m infra logs`.")


@contextmanager
def canary_definition(context: StepContext, tag: str) -> Iterator[str]:
    """The task definition in use with another image, for as long as the canary lives; its ARN."""
    ecs, family = context.aws.client("ecs"), context.names.stack
    used = ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]
    copied = {key: used[key] for key in COPIED if key in used}
    containers = json.loads(json.dumps(copied["containerDefinitions"]))
    image = f"{context.outputs()['Images']}@{pin_image(context, tag)}"
    for container in containers:
        container["image"] = image
        container["environment"] = [*container.get("environment", []), *WITHOUT_SCHEDULES]
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
