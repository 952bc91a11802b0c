"""ECR: the images."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.adapters.errors import translated, unless
from infra.errors import AwsError

BATCH = 100  # that one call deletes


@dataclass(frozen=True)
class PushedImage:
    tag: str
    size: int  # bytes, compressed
    pushed_at: datetime


@dataclass(frozen=True)
class Registry:
    client: Any

    def has(self, repository: str, tag: str) -> bool:
        try:
            with translated(f"looking for the image {tag}"):
                return bool(self.client.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}]))
        except AwsError as error:
            if error.code in ("ImageNotFoundException", "RepositoryNotFoundException"):
                return False
            raise

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
    return PushedImage(found["imageTags"][0], found.get("imageSizeInBytes", 0), found["imagePushedAt"])
