"""A real OpenClaw and all providers, in three ways: as it is, behind the relay, and behind it without an allowance."""

from __future__ import annotations

import json
import os
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chalicelib.domain.turn import Choice, TurnEvent
from container.agent.config import AgentConfig
from container.agent.environment import build_environment
from container.agent.openclaw import OpenClaw
from container.agent.process import OpenClawProcess
from container.agent.relay import KEY_NAMES, Relay
from container.bridge.config import RelayConfig
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.ports import Gateway
from container.bridge.relay.allowance import Allowance, Unlimited
from container.bridge.relay.explained import ExplainedGateway
from container.bridge.relay.service import RelayPorts, RelayService
from container.bridge.threads import Threads
from tests.e2e.gateway.harness import find_port
from tests.fakes.providers import IDENTITY, FakeProviders, tunnel

START = 180.0
KEY = "sk-canary-of-the-owner"


@dataclass(frozen=True)
class Running:
    gateway: Gateway
    process: OpenClawProcess
    state: Path
    relay: RelayService | None = None

    def ask(self, text: str, model: str) -> TurnEvent:
        """The end of a turn in a conversation of its own."""
        conversation = str(uuid.uuid4())
        *_, last = self.gateway.run(conversation, str(uuid.uuid4()), text, choice=Choice(model))
        return last


def configured(folder: Path, **environ: str) -> AgentConfig:
    (folder / "tmp").mkdir(parents=True)
    (folder / "control").mkdir()
    least = {"STATE_DIR": str(folder / "state"), "CONTROL_DIR": str(folder / "control"), "PATH": os.environ["PATH"]}
    least |= {"LLM_MODEL": "anthropic/claude-sonnet-4-6", "GATEWAY_PORT": str(find_port())}
    return AgentConfig.from_env({**least, "TMPDIR": str(folder / "tmp"), **environ})


@contextmanager
def behind_relay(folder: Path, providers: FakeProviders, allowance: Allowance | None = None) -> Iterator[Running]:
    around = allowance or Unlimited()
    ports = RelayPorts(lambda provider: KEY, Threads(), around, providers.dial)
    service = RelayService(RelayConfig(model="anthropic/claude-sonnet-4-6"), ports)
    service.start(datetime.now(UTC))
    config = configured(folder)
    openclaw, token, relay = OpenClaw(config), secrets.token_hex(16), Relay.read(service.order())
    openclaw.prepare_state(relay)
    process = _start(openclaw, config, build_environment(config, token, relay))
    try:
        with _gateway(openclaw, config.gateway_port, token, process) as gateway:
            yield Running(ExplainedGateway(gateway, service.ledger), process, folder / "state", service)
    finally:
        service.close()


@contextmanager
def as_it_is(folder: Path, providers: FakeProviders) -> Iterator[Running]:
    """With the keys in its environment, and a network whose proxy leads to our providers."""
    with tunnel(providers.port) as proxy:
        (folder / "control").parent.mkdir(parents=True, exist_ok=True)
        trusted = folder.with_suffix(".pem")
        trusted.write_text(IDENTITY.pem)
        config = configured(folder, HTTPS_PROXY=proxy, NO_PROXY="127.0.0.1,localhost", NODE_EXTRA_CA_CERTS=str(trusted))
        openclaw, token = OpenClaw(config), secrets.token_hex(16)
        openclaw.prepare_state(Relay("http://127.0.0.1:1", KEY, IDENTITY.pem, tuple(KEY_NAMES)))
        _forget_relay(config.state_dir / "openclaw.json")
        environ = build_environment(config, token) | dict.fromkeys(KEY_NAMES.values(), KEY)
        process = _start(openclaw, config, environ)
        with _gateway(openclaw, config.gateway_port, token, process) as gateway:
            yield Running(gateway, process, config.state_dir)


def _forget_relay(path: Path) -> None:
    config = json.loads(path.read_text())
    for provider in config["models"]["providers"].values():
        provider.pop("request", None)
    path.write_text(json.dumps(config))


def _start(openclaw: OpenClaw, config: AgentConfig, environ: dict[str, str]) -> OpenClawProcess:
    """It looks a provider's name up before it goes through a proxy, and tests have no name service."""
    named = {"NODE_OPTIONS": f"--require {Path(__file__).with_name('names.cjs')}"}
    return OpenClawProcess(openclaw.command, environ | named, config.state_dir)


@contextmanager
def _gateway(openclaw: OpenClaw, port: int, token: str, process: OpenClawProcess) -> Iterator[OpenClawGateway]:
    try:
        until = time.monotonic() + START
        while not openclaw.is_ready():
            assert process.poll() is None, "OpenClaw has died"
            assert time.monotonic() < until, "OpenClaw is not ready"
            time.sleep(0.1)
        gateway = OpenClawGateway(f"ws://127.0.0.1:{port}", token)
        assert gateway.wait_ready(START)
        yield gateway
        gateway.close()
    finally:
        process.stop(timedelta(seconds=10))
