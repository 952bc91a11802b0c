"""`upgrade`: another version of OpenClaw is built, tried, and only then used; `--rollback` goes back again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.context import StepContext
from infra.conversation import Talk
from infra.errors import DriverError
from infra.images import read_images
from infra.plan import BuildImage, ReplaceImage
from infra.steps.canary import refuse, replace_image, use
from infra.steps.image import build_image
from infra.steps.prune import prune_images
from infra.survey import facts

PINS = ("package.json", "package-lock.json")  # in container/


def upgrade(context: StepContext, talk: Talk | None = None) -> None:
    context.talk = talk or context.talk
    if context.config.rollback:
        roll_back(context)
        return
    with restored_on_failure([context.root / "container" / name for name in PINS]):
        if context.config.openclaw:
            pin(context, context.config.openclaw)
        replace_by_checkout(context)
    prune_images(context)


def replace_by_checkout(context: StepContext) -> None:
    known = facts(context)
    if known.stack is None:
        raise DriverError("Nothing is deployed yet: run `make deploy`.")
    used = known.stack.parameters.get("ImageTag", "")
    if used == known.tag:
        context.console.say("This image is in use already.")
        return
    context.console.say(f"[1/2] Image {known.tag}")
    build_image(context, BuildImage(known.tag, known.builder))
    step = ReplaceImage(known.tag, used)
    context.console.say(f"[2/2] {step.title}")
    replace_image(context, step)
    context.console.say("Back again: make upgrade ROLLBACK=1")


@contextmanager
def restored_on_failure(files: list[Path]) -> Iterator[None]:
    """Or the next deploy would build, from what an upgrade has left, the image that was refused."""
    before = {file: file.read_bytes() for file in files if file.is_file()}
    try:
        yield
    except BaseException:
        for file, content in before.items():
            file.write_bytes(content)
        raise


def pin(context: StepContext, version: str) -> None:
    """In package.json and its lock, with the hash of every package."""
    folder = str(context.root / "container")
    command = ["npm", "install", "--prefix", folder, "--package-lock-only", "--ignore-scripts", "--save-exact"]
    context.programs.run([*command, f"openclaw@{version}"], context.detail)


def roll_back(context: StepContext) -> None:
    """What is left is refused from now on: a deploy from the same checkout does not bring it back untried."""
    stack = context.aws.stacks.find(context.names.stack)
    if stack is None:
        raise DriverError("Nothing is deployed, so that there is nothing to go back from.")
    used = stack.parameters.get("ImageTag", "")
    older = older_images(context, used)
    if not older:
        raise DriverError("There is no older image to go back to.")
    use(context, older[0])
    refuse(context, used, "it was taken back by `make upgrade ROLLBACK=1`")
    context.console.say(f"Tasks run {older[0]} from their next start, instead of {used}.")
    context.console.say("A deploy keeps it so. To have the checkout's own image again: make upgrade")


def older_images(context: StepContext, used: str) -> list[str]:
    """Those that were in use before, or that are older where nobody has noted it; never a refused one."""
    tags = [image.tag for image in context.aws.registry.images(context.names.images)]
    record = read_images(context.aws.buckets, context.outputs().get("DataBucket", ""))
    pushed_before = tags[tags.index(used) + 1 :] if used in tags else tags
    noted = [tag for tag in record.before(used) if tag in tags]
    return noted or [tag for tag in pushed_before if tag not in record.refused]
