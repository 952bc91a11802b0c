"""The driver over an account on loopback: who answers its questions, a Docker that pushes at once, what it said."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from infra.adapters.aws import Aws
from infra.adapters.programs import Programs
from infra.adapters.telegram import TelegramWebhook
from infra.adapters.visitor import Visitor
from infra.commands.deploy import deploy
from infra.config import DriverConfig
from infra.console import Console
from infra.context import StepContext

STAGE = "dev"
KEY = "sk-not-a-real-key"
EMAIL = "ada@example.com"
PYTHON = (3, 13)
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass
class Account:
    endpoint: str
    region: str = "us-east-1"

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name=self.region)  # type: ignore[call-overload]

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        payload = json.load(answer["Payload"])
        assert "FunctionError" not in answer, payload
        return payload


@dataclass(frozen=True)
class Machine(Programs):
    """Ours, with a Docker that builds nothing and pushes at once."""

    endpoint: str = ""
    ran: list[str] = field(default_factory=list)
    packaged: dict[Path, bytes] | None = None  # what `chalice deploy` has noted; None: it runs each time

    def chalice(self, stage: str, say: Callable[[str], None]) -> None:
        """The real one, unless all is as it has left it: it would change nothing, and takes seconds."""
        noted = self.root / ".chalice" / "deployed" / f"{stage}.json"
        if self.packaged is None or self.packaged.get(noted) != noted.read_bytes():
            super().chalice(stage, say)
        if self.packaged is not None:
            self.packaged[noted] = noted.read_bytes()

    def docker_machine(self) -> str | None:
        return "arm64"

    def run(self, command: Sequence[str], say: Callable[[str], None], secret: str = "") -> None:
        self.ran.append(" ".join(command))
        if command[0] == "npm":
            _pin(self.root / "container", command[-1])
        elif command[0] != "docker":
            super().run(command, say, secret)
        elif command[1] == "push":
            _push(command[2])


def _pin(folder: Path, package: str) -> None:
    """As npm does, but for the hashes."""
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text(json.dumps({"pinned": package}))


def _push(name: str) -> None:
    place, _, tag = name.rpartition(":")
    host, _, repository = place.partition("/")
    push_image(repository, tag, tag, region=host.split(".")[3])


def push_image(repository: str, tag: str, content: str, region: str = "us-east-1") -> str:
    """Its digest, which moto would make of the layers alone."""
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": content}, "layers": []})
    digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    ecr: Any = boto3.client("ecr", region_name=region)
    ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest, imageDigest=digest)
    return digest


class QuietTelegram(TelegramWebhook):
    """Remembers where messages are sent to."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9")
        object.__setattr__(self, "webhooks", {})

    webhooks: dict[str, tuple[str, str]]

    def name(self, token: str) -> str:
        return "bot"

    def set(self, token: str, address: str, secret: str) -> None:
        self.webhooks[token] = (address, secret)

    def try_out(self, visitor: Visitor, secret: str) -> None:
        """The check of a deploy: where it looks, with which secret."""
        assert (f"{visitor.api}/telegram", secret) in self.webhooks.values()

    def delete(self, token: str) -> None:
        self.webhooks.pop(token, None)


@dataclass
class Driver:
    """One person at one checkout; each `work` is a new run."""

    account: Account
    checkout: Path
    said: io.StringIO = field(default_factory=io.StringIO)
    answers: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    telegram: QuietTelegram = field(default_factory=QuietTelegram)
    ran: list[str] = field(default_factory=list)
    packaged: dict[Path, bytes] | None = None
    stage: str = STAGE
    region: str = "us-east-1"

    def context(self, *arguments: str) -> StepContext:
        config = DriverConfig.read([*arguments, "--stage", self.stage], {}, self.checkout)
        console = Console(self.said, lambda _: self.answers.pop(0), lambda _: self.secrets.pop(0), interactive=True)
        machine = Machine(
            self.checkout, {"AWS_DEFAULT_REGION": self.region}, self.account.endpoint, self.ran, self.packaged
        )
        aws = Aws(config.names, self.region)
        return StepContext(config, console, aws, machine, self.telegram, sleep=lambda _: None)

    def deploy(self, *arguments: str) -> None:
        deploy(self.context("deploy", "--skip-verify", "--yes", "--email", EMAIL, *arguments), PYTHON)

    @property
    def words(self) -> str:
        return self.said.getvalue()
