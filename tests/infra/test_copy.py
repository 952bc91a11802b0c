"""An image from a public registry: with a token for anybody, behind a redirection, of this checkout or of none."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from infra.adapters.public_registry import IMAGES, INDEXES, PublicRegistry
from infra.adapters.registry import Registry
from infra.config import DriverConfig
from infra.console import Console
from infra.context import StepContext
from infra.errors import BuildFailed
from infra.steps.copy import LABEL, copy_image

TAG = "0123456789abcdef"
LAYER = b"layer" * 1000
PART = 2000  # that ECR asks for


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def packed(fields: Any) -> bytes:
    return json.dumps(fields).encode()


class Public(ThreadingHTTPServer):
    """A registry that wants a token and sends elsewhere for blobs, where a token is one credential too many."""

    def __init__(self, label: str = TAG, platform: str = "arm64") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        config = packed({"config": {"Labels": {LABEL: label} if label else None}})
        self.blobs = {digest_of(body): body for body in (config, LAYER)}
        sizes = [{"digest": each, "size": len(body)} for each, body in self.blobs.items()]
        self.manifest = packed({"config": sizes[0], "layers": sizes[1:]})
        self.other = packed({"config": sizes[0], "layers": []})
        fitting = {"digest": digest_of(self.manifest), "platform": {"os": "linux", "architecture": platform}}
        attestation = {"digest": digest_of(self.other), "platform": {"os": "unknown", "architecture": "unknown"}}
        self.index = packed({"manifests": [attestation, fitting]})
        self.manifests = {TAG: (INDEXES[0], self.index), fitting["digest"]: (IMAGES[0], self.manifest)}

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Public

    def do_GET(self) -> None:
        token, kind = self.headers.get("Authorization"), self.path.split("/")[1].partition("?")[0]
        if kind == "token":
            assert "scope=repository" in self.path
            self.answer(200, packed({"token": "anybody"}))
        elif kind == "far":
            self.answer(400 if token else 200, self.server.blobs[self.path.rpartition("/")[2]])
        elif token != "Bearer anybody":
            realm = f'Bearer realm="http://{self.server.host}/token",service="it",scope="repository:ada/it:pull"'
            self.answer(401, b"", **{"WWW-Authenticate": realm})
        elif "/blobs/" in self.path:
            self.answer(307, b"", Location=f"http://{self.server.host}/far/{self.path.rpartition('/')[2]}")
        elif found := self.server.manifests.get(self.path.rpartition("/")[2]):
            self.answer(200, found[1], **{"Content-Type": found[0]})
        else:
            self.answer(404, b"")

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@dataclass
class Ecr:
    """Takes layers as ECR does: in order, whole parts, and only with the hash that they are called by."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    images: dict[str, Any] = field(default_factory=dict)
    coming: bytes = b""
    uploads: int = 0

    def batch_check_layer_availability(self, repositoryName: str, layerDigests: list[str]) -> Any:
        (digest,) = layerDigests
        return {"layers": [{"layerAvailability": "AVAILABLE" if digest in self.blobs else "UNAVAILABLE"}]}

    def initiate_layer_upload(self, repositoryName: str) -> Any:
        self.coming, self.uploads = b"", self.uploads + 1
        return {"uploadId": "u", "partSize": PART}

    def upload_layer_part(self, *, partFirstByte: int, partLastByte: int, layerPartBlob: bytes, **_: str) -> None:
        assert partFirstByte == len(self.coming) and partFirstByte % PART == 0
        self.coming += layerPartBlob
        assert partLastByte == len(self.coming) - 1

    def complete_layer_upload(self, *, layerDigests: list[str], **_: str) -> None:
        assert layerDigests == [digest_of(self.coming)]
        self.blobs[layerDigests[0]] = self.coming

    def put_image(self, **asked: str) -> None:
        manifest = json.loads(asked["imageManifest"])
        assert {each["digest"] for each in (manifest["config"], *manifest["layers"])} <= set(self.blobs)
        self.images[asked["imageTag"]] = asked["imageManifest"].encode()


@pytest.fixture
def public() -> Iterator[Public]:
    yield from served(Public())


def served(server: Public) -> Iterator[Public]:
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def copy(server: Public, ecr: Ecr, digest: str = "") -> str:
    """What was said."""
    config = DriverConfig.read(["deploy", "--stage", "dev"], {}, Path())
    out, aws, programs = io.StringIO(), SimpleNamespace(registry=Registry(ecr)), None
    context = StepContext(config, Console(out, interactive=False), aws, programs)  # type: ignore[arg-type]
    reference = f"{server.host}/ada/it" + (f"@{digest}" if digest else "")
    copy_image(context, PublicRegistry(reference, "http"), TAG)
    return out.getvalue()


def test_the_image_of_this_checkout_is_copied_byte_by_byte(public: Public) -> None:
    ecr = Ecr()
    assert digest_of(public.manifest) in copy(public, ecr)
    assert ecr.images == {TAG: public.manifest}
    assert ecr.blobs == public.blobs


def test_what_a_copy_that_broke_off_has_brought_is_not_brought_again(public: Public) -> None:
    ecr = Ecr({digest_of(LAYER): LAYER})
    copy(public, ecr)
    assert ecr.uploads == 1


@pytest.mark.parametrize("part", ["index", "manifest"])
def test_a_digest_is_as_good_as_a_tag(public: Public, part: str) -> None:
    body: bytes = getattr(public, part)
    public.manifests[digest_of(body)] = (INDEXES[0] if part == "index" else IMAGES[0], body)
    ecr = Ecr()
    copy(public, ecr, digest_of(body))
    assert ecr.images == {TAG: public.manifest}


@pytest.mark.parametrize("label", ["fedcba9876543210", ""])
def test_the_image_of_another_checkout_is_refused(label: str) -> None:
    ecr = Ecr()
    for server in served(Public(label)):
        with pytest.raises(BuildFailed, match=f"this checkout is {TAG}"):
            copy(server, ecr)
    assert (ecr.images, ecr.blobs) == ({}, {})


def test_one_for_other_machines_is_refused() -> None:
    for server in served(Public(platform="amd64")):
        with pytest.raises(BuildFailed, match="no image for linux/arm64"):
            copy(server, Ecr())


def test_a_registry_that_answers_with_something_else_is_not_believed(public: Public) -> None:
    public.manifests[digest_of(public.manifest)] = (IMAGES[0], public.other)
    with pytest.raises(BuildFailed, match="another manifest"):
        copy(public, Ecr())


def test_one_that_has_no_such_image_or_does_not_answer_is_told(public: Public) -> None:
    with pytest.raises(BuildFailed, match="404"):
        copy(public, Ecr(), f"sha256:{'0' * 64}")
    with pytest.raises(BuildFailed, match="does not answer"):
        PublicRegistry("127.0.0.1:9/ada/it", "http").manifest(TAG)


@pytest.mark.parametrize("reference", ["", "it", "ada/it", "ghcr.io/ada/it@sha256:12", "ghcr.io/ada/it:latest"])
def test_a_reference_that_names_no_registry_or_a_tag_is_refused(reference: str) -> None:
    with pytest.raises(BuildFailed, match="IMAGE_FROM is"):
        PublicRegistry(reference)


def test_the_config_takes_it_from_the_environment() -> None:
    assert DriverConfig.read(["deploy"], {"IMAGE_FROM": "ghcr.io/ada/it"}, Path()).image_from == "ghcr.io/ada/it"
