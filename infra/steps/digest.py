"""The digest of an image: noted when the driver has built it, and compared before any task may run it.

A tag says what an image should be made of, the digest which bytes it is. The note lies in the data bucket, apart from
the registry: who replaces an image there would have to change both, and tasks name theirs by its digest anyway.
"""

from __future__ import annotations

from dataclasses import replace

from infra.context import StepContext
from infra.errors import DriverError
from infra.images import ImageRecord, read_images, write_images
from infra.plan import PutStack

DIGEST = "ImageDigest"  # the stack's parameter


def forget_digest(context: StepContext, tag: str) -> None:
    """It is about to be built: whatever had this tag before is gone."""
    record, bucket = _record(context)
    if tag in record.digests:
        write_images(context.aws.buckets, bucket, record.with_digest(tag, ""))


def pin_image(context: StepContext, tag: str) -> str:
    """The digest by which tasks run it; one that nobody has noted is noted now. Raises DriverError."""
    found = context.aws.registry.digest(context.names.images, tag)
    if not found:
        raise DriverError(f"The image {tag} is not in the registry: run `make deploy`, which builds it.")
    record, bucket = _record(context)
    known = record.digests.get(tag, found)
    if known != found:
        raise DriverError(
            f"The image {tag} in the registry is {found}, but the driver had built {known}: somebody has replaced it. "
            f"No task runs it. Find out who could; when it is deleted from the repository {context.names.images}, "
            "`make deploy` builds it anew."
        )
    if tag not in record.digests:
        write_images(context.aws.buckets, bucket, record.with_digest(tag, found))
    return found


def with_digest(context: StepContext, step: PutStack) -> PutStack:
    """The stack whose tasks run an image gets its digest: no plan knows it, because the image may not be built yet."""
    tag = step.parameters.get("ImageTag")
    return replace(step, parameters={**step.parameters, DIGEST: pin_image(context, tag)}) if tag else step


def _record(context: StepContext) -> tuple[ImageRecord, str]:
    bucket = context.outputs()["DataBucket"]
    return read_images(context.aws.buckets, bucket), bucket
