"""An image that a release has pushed to a public registry, copied: where an account cannot build yet."""

from __future__ import annotations

from functools import partial

from infra.adapters.public_registry import ImageManifest, PublicRegistry
from infra.context import StepContext
from infra.errors import BuildFailed

LABEL = "serverless-openclaw.source"  # the hash of what an image is made of, as `python -m infra tag` says it


def find_image(registry: PublicRegistry, tag: str) -> ImageManifest:
    """Only the image of this very checkout. Raises BuildFailed."""
    manifest = registry.manifest(tag)
    made_from = registry.labels(manifest).get(LABEL, "")
    if made_from != tag:
        other = made_from or "something that it does not tell"
        raise BuildFailed(
            f"The image in {registry.reference} is of {other}, and this checkout is {tag}: check out that release, "
            "or build the image yourself, without IMAGE_FROM."
        )
    return manifest


def copy_image(context: StepContext, registry: PublicRegistry, tag: str) -> None:
    manifest = find_image(registry, tag)
    context.detail(f"{registry.reference}, {manifest.digest}")
    copy_blobs(context, registry, manifest)
    context.aws.registry.put(context.names.images, tag, manifest.body.decode(), manifest.media_type)


def copy_blobs(context: StepContext, registry: PublicRegistry, manifest: ImageManifest) -> None:
    for digest, size in manifest.blobs.items():
        if not context.aws.registry.has_blob(context.names.images, digest):
            context.detail(f"{size / 1e6:.1f} MB")
            context.aws.registry.put_blob(context.names.images, digest, partial(registry.blob, digest))
