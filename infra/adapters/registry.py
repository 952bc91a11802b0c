"""ECR: the images."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.adapters.errors import translated, unless
from infra.errors import AwsError

BATCH = 100  # that one call deletes


@dataclass(frozen=True)
class PushedImage:
    tag: str
    digest: str
    size: int  # bytes, compressed
    pushed_at: datetime


@dataclass(frozen=True)
class Registry:
    client: Any

    def has(self, repository: str, tag: str) -> bool:
        return bool(self.digest(repository, tag))

    def digest(self, repository: str, tag: str) -> str:
        """`sha256:…`; empty when there is no such image."""
        try:
            with translated(f"looking for the image {tag}"):
                found = self.client.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
        except AwsError as error:
            if error.code in ("ImageNotFoundException", "RepositoryNotFoundException"):
                return ""
            raise
        return str(found["imageDetails"][0]["imageDigest"])

    def images(self, repository: str) -> list[PushedImage]:
        """Newest first."""
        found: list[PushedImage] = []
        with unless("RepositoryNotFoundException"), translated("listing the images"):
            for page in self.client.get_paginator("describe_images").paginate(repositoryName=repository):
                found += [_image(each) for each in page["imageDetails"] if each.get("imageTags")]
        return sorted(found, key=lambda image: image.pushed_at, reverse=True)

    def password(self) -> str:
        """For the user AWS."""
        with translated("asking for the registry's password"):
            token = self.client.get_authorization_token()["authorizationData"][0]["authorizationToken"]
        return base64.b64decode(token).decode().partition(":")[2]

    def has_blob(self, repository: str, digest: str) -> bool:
        with translated(f"looking for {digest}"):
            answer = self.client.batch_check_layer_availability(repositoryName=repository, layerDigests=[digest])
        return any(each.get("layerAvailability") == "AVAILABLE" for each in answer["layers"])

    def put_blob(self, repository: str, digest: str, parts: Callable[[int], Iterable[bytes]]) -> None:
        """`parts` gives it in pieces of the size that ECR asks for. ECR takes only what has this hash."""
        with translated(f"uploading {digest}"):
            upload = self.client.initiate_layer_upload(repositoryName=repository)
            known, begin = {"repositoryName": repository, "uploadId": upload["uploadId"]}, 0
            for part in parts(upload["partSize"]):
                end = begin + len(part)
                self.client.upload_layer_part(**known, partFirstByte=begin, partLastByte=end - 1, layerPartBlob=part)
                begin = end
            self.client.complete_layer_upload(**known, layerDigests=[digest])

    def put(self, repository: str, tag: str, manifest: str, media_type: str) -> None:
        with unless("ImageAlreadyExistsException"), translated(f"naming the image {tag}"):
            self.client.put_image(
                repositoryName=repository, imageTag=tag, imageManifest=manifest, imageManifestMediaType=media_type
            )

    def prune(self, repository: str, tags: Sequence[str], before: datetime) -> None:
        """Those tags, and what has none and was pushed `before`. ECR keeps what an image that stays is made of."""
        going = [{"imageTag": tag} for tag in tags]
        with unless("RepositoryNotFoundException"), translated("deleting old images"):
            for page in self.client.get_paginator("describe_images").paginate(repositoryName=repository):
                bare = [each for each in page["imageDetails"] if not each.get("imageTags")]
                going += [{"imageDigest": each["imageDigest"]} for each in bare if each["imagePushedAt"] < before]
            for at in range(0, len(going), BATCH):
                self.client.batch_delete_image(repositoryName=repository, imageIds=going[at : at + BATCH])

    def empty(self, repository: str) -> None:
        with unless("RepositoryNotFoundException"), translated("deleting the images"):
            pages = self.client.get_paginator("list_images").paginate(repositoryName=repository)
            for page in pages:
                if page["imageIds"]:
                    self.client.batch_delete_image(repositoryName=repository, imageIds=page["imageIds"])


def _image(found: dict[str, Any]) -> PushedImage:
    return PushedImage(
        found["imageTags"][0], found["imageDigest"], found.get("imageSizeInBytes", 0), found["imagePushedAt"]
    )
