"""Old images: they bill, and only the driver knows which are in use. A failure to delete is no failure of a deploy."""

from __future__ import annotations

from datetime import timedelta

from infra.context import StepContext
from infra.errors import AwsError
from infra.images import read_images

PUSHING = timedelta(hours=1)  # what has no tag may be getting one


def prune_images(context: StepContext) -> None:
    stack = context.aws.stacks.find(context.names.stack)
    if stack is None or not stack.parameters.get("ImageTag"):
        return
    try:
        going = find_dispensable(context, stack.parameters["ImageTag"])
        context.aws.registry.prune(context.names.images, going, context.clock() - PUSHING)
    except AwsError as error:
        context.console.say(f"Old images stay, at a few cents a month: {error}")
        return
    if going:
        context.console.say(f"Old images deleted: {', '.join(going)}")


def find_dispensable(context: StepContext, in_use: str) -> list[str]:
    images = context.aws.registry.images(context.names.images)
    named = {name for task in context.aws.tasks.running(context.names.stack) for name in task.images}
    running = {image.tag for image in images if {image.tag, image.digest} & named}
    record = read_images(context.aws.buckets, context.outputs()["DataBucket"])
    return record.dispensable([image.tag for image in images], in_use, running)
