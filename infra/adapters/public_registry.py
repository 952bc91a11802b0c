"""A public registry, asked without an account: the image of a release, for accounts that cannot build it yet.

OCI's distribution specification: a 401 names where a token is to be had; whatever is fetched by a digest has that hash.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from infra.errors import BuildFailed

INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
IMAGES = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
REFERENCE = re.compile(r"(?P<host>[^/@]+[.:][^/@]+)/(?P<path>[^@:]+)(?:@(?P<digest>sha256:[0-9a-f]{64}))?")
CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
TASKS = {"os": "linux", "architecture": "arm64"}
TIMEOUT = 60.0


@dataclass(frozen=True)
class ImageManifest:
    body: bytes
    media_type: str

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.body).hexdigest()}"

    @property
    def fields(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.body)
        return found

    @property
    def blobs(self) -> dict[str, int]:
        """Size by digest: the configuration, and the layers."""
        return {each["digest"]: each["size"] for each in (self.fields["config"], *self.fields["layers"])}


@dataclass
class PublicRegistry:
    """Of one repository: `ghcr.io/somebody/serverless-openclaw`, or the same with `@sha256:…`."""

    reference: str
    scheme: str = "https"
    token: str = ""
    parts: re.Match[str] = field(init=False)

    def __post_init__(self) -> None:
        found = REFERENCE.fullmatch(self.reference)
        if not found:
            raise BuildFailed(f"IMAGE_FROM is {self.reference!r}: wanted host/path, or host/path@sha256:… of an image")
        self.parts = found

    def manifest(self, tag: str) -> ImageManifest:
        """The image for tasks. Raises BuildFailed."""
        wanted = self.parts["digest"] or tag
        found = self._manifest(wanted)
        if found.media_type in INDEXES:
            fitting = [each for each in found.fields["manifests"] if TASKS.items() <= each.get("platform", {}).items()]
            if not fitting:
                raise BuildFailed(f"{self.reference} has no image for linux/arm64.")
            found = self._manifest(fitting[0]["digest"])
        return found

    def labels(self, manifest: ImageManifest) -> Mapping[str, str]:
        body = b"".join(self.blob(manifest.fields["config"]["digest"], 1 << 20))
        found: Mapping[str, str] = json.loads(body).get("config", {}).get("Labels") or {}
        return found

    def blob(self, digest: str, size: int) -> Iterator[bytes]:
        """In parts of `size` bytes; who has them all checks the hash."""
        with self._open(f"blobs/{digest}") as answer:
            yield from iter(lambda: self._read(answer, size), b"")

    def _manifest(self, wanted: str) -> ImageManifest:
        with self._open(f"manifests/{wanted}", ", ".join((*INDEXES, *IMAGES))) as answer:
            kind = cast("Any", answer).headers.get_content_type()
            found = ImageManifest(self._read(answer), kind)
        if wanted.startswith("sha256:") and found.digest != wanted:
            raise BuildFailed(f"{self.reference} answers with another manifest than {wanted}.")
        return found

    def _read(self, answer: BinaryIO, size: int = -1) -> bytes:
        try:
            return answer.read(size)
        except (OSError, http.client.HTTPException) as error:
            raise BuildFailed(f"{self.reference} broke off: {error!r}") from None

    def _open(self, place: str, accept: str = "*/*", again: bool = True) -> BinaryIO:
        address = f"{self.scheme}://{self.parts['host']}/v2/{self.parts['path']}/{place}"
        request = urllib.request.Request(address, headers={"Accept": accept})
        if self.token:  # for the registry alone, not for where it may send us to
            request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        try:
            return cast("BinaryIO", urllib.request.urlopen(request, timeout=TIMEOUT))
        except urllib.error.HTTPError as error:
            if error.code == 401 and again:  # noqa: PLR2004
                self.token = self._ask_token(error.headers.get("WWW-Authenticate", ""))
                return self._open(place, accept, again=False)
            raise BuildFailed(f"{self.reference}, {place}: {error.code} {error.reason}") from None
        except OSError as error:
            raise BuildFailed(f"{self.reference} does not answer: {error}") from None

    def _ask_token(self, challenge: str) -> str:
        told = dict(CHALLENGE.findall(challenge))
        query = urllib.parse.urlencode({name: told[name] for name in ("service", "scope") if name in told})
        try:
            with urllib.request.urlopen(f"{told.get('realm', '')}?{query}", timeout=TIMEOUT) as answer:
                found = json.load(answer)
        except (OSError, ValueError) as error:
            raise BuildFailed(f"{self.reference} gives nobody a token: {error}") from None
        return str(found.get("token") or found.get("access_token", ""))
