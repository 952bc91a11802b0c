"""The driver over an account on loopback: who answers its questions, a Docker that pushes at once, what it said."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import Any

import boto3

from infra.adapters.aws import Aws
from infra.adapters.programs import Programs
from infra.adapters.telegram import TelegramWebhook
from infra.adapters.visitor import Visitor
from infra.commands.deploy import deploy as deploy_for_real
from infra.config import DriverConfig
from infra.console import Console
from infra.context import StepContext
from infra.keys import TryKey
from infra.names import StageNames

STAGE = "dev"
KEY = "sk-not-a-real-key"
EMAIL = "ada@example.com"
PYTHON = (3, 13)
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def deploy(context: StepContext, python: tuple[int, int] = PYTHON, tried: TryKey = lambda *_: "") -> None:
    """With a provider that takes every key."""
    deploy_for_real(context, python, tried)


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


class KnownAws(Aws):
    """Makes each client once: that takes longer than most of what is asked by it."""

    def __init__(self, names: StageNames, region: str, clients: dict[tuple[str, str], Any]) -> None:
        super().__init__(names, region)
        self._clients = clients

    def client(self, service: str) -> Any:
        key = self.region, service
        if key not in self._clients:
            self._clients[key] = super().client(service)
        return self._clients[key]


@dataclass(frozen=True)
class Machine(Programs):
    """Ours, with a Docker that builds nothing and pushes at once."""

    endpoint: str = ""
    ran: list[str] = field(default_factory=list)
    rests: bool = True  # where `chalice deploy` would change nothing

    def chalice(self, stage: str, say: Callable[[str], None]) -> None:
        """The real one, which takes seconds, unless all that it reads is as it has left it."""
        left = self.root / ".chalice" / "deployed" / f"{stage}.left"
        if not self.rests or not left.exists() or left.read_text() != self._read_by_chalice(stage):
            super().chalice(stage, say)
            left.write_text(self._read_by_chalice(stage))

    def _read_by_chalice(self, stage: str) -> str:
        """But for the app, which stays as it is."""
        folder = self.root / ".chalice"
        resources = json.loads((folder / "deployed" / f"{stage}.json").read_text())["resources"]
        return json.dumps([sorted(resources, key=itemgetter("name")), (folder / "config.json").read_text()])

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
    rests: bool = True
    stage: str = STAGE
    region: str = "us-east-1"
    clients: dict[tuple[str, str], Any] = field(default_factory=dict)  # by region and service

    def context(self, *arguments: str) -> StepContext:
        config = DriverConfig.read([*arguments, "--stage", self.stage], {}, self.checkout)
        console = Console(self.said, lambda _: self.answers.pop(0), lambda _: self.secrets.pop(0), interactive=True)
        environ = {"AWS_DEFAULT_REGION": self.region}
        machine = Machine(self.checkout, environ, self.account.endpoint, self.ran, self.rests)
        aws = KnownAws(config.names, self.region, self.clients)
        return StepContext(config, console, aws, machine, self.telegram, sleep=lambda _: None)

    def deploy(self, *arguments: str) -> None:
        deploy(self.context("deploy", "--skip-verify", "--yes", "--email", EMAIL, *arguments))

    def moved(self, account: Account, checkout: Path) -> Driver:
        """What has happened so far has happened there."""
        moved = replace(self, account=account, checkout=checkout, said=io.StringIO(), ran=[*self.ran], clients={})
        moved.said.write(self.words)
        return moved

    @property
    def words(self) -> str:
        return self.said.getvalue()
