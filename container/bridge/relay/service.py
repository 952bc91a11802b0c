"""The relay of one start: its token, its certificate, its port, and what the agent has to know of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from container.bridge.certificate import create_identity
from container.bridge.config import RelayConfig
from container.bridge.mailbox import Promise
from container.bridge.ports import Concurrency
from container.bridge.relay.allowance import Allowance, Unlimited
from container.bridge.relay.keys import Keys, Read
from container.bridge.relay.ledger import CallLedger
from container.bridge.relay.listener import Listener
from container.bridge.relay.prices import listed
from container.bridge.relay.providers import HOSTS, PROVIDERS, demo
from container.bridge.relay.relay import ModelRelay
from container.bridge.relay.upstream import Dial, Dialer, Pool

LOOK = 30.0  # seconds in which the keys are found; the agent does not start without an answer
NAMES = tuple(provider.name for provider in PROVIDERS)


@dataclass(frozen=True)
class RelayPorts:
    """What the relay needs of others."""

    read_key: Read
    concurrency: Concurrency
    allowance: Allowance = field(default_factory=Unlimited)
    dial: Dial | None = None


class RelayService:
    """Made without a network, a thread or a key; `start` has it begin."""

    def __init__(self, config: RelayConfig, ports: RelayPorts) -> None:
        self._config, self._ports = config, ports
        self._token = secrets.token_urlsafe(32)
        self._keys = Keys(ports.read_key, ports.concurrency)
        self._found: Promise[list[str]] = Promise(ports.concurrency)
        self.ledger = CallLedger()
        self._where: Mapping[str, Any] = {}
        self._open: tuple[Listener | Pool, ...] = ()

    def start(self, now: datetime) -> None:
        """Listens, and looks for keys meanwhile. Raises OSError."""
        config, spawn = self._config, self._ports.concurrency.spawn
        identity = create_identity(now, HOSTS)
        pool = Pool(self._ports.dial or Dialer(config.proxy, config.no_proxy))
        allowance = self._ports.allowance
        relay = ModelRelay(self._token, listed(config.model), self._keys, pool, self.ledger, allowance)
        listener = Listener(relay, identity.context(), demo(config.demo_url) if config.demo_url else None)
        url = f"http://127.0.0.1:{listener.open()}"
        self._open = (listener, pool)
        self._where = {"url": url, "token": self._token, "certificate": identity.pem}
        spawn(listener.run, "relay")
        spawn(lambda: self._found.put(self._keys.present(NAMES)), "keys")

    def order(self) -> Mapping[str, Any]:
        """For the agent's supervisor, as JSON has it: where the relay is, and which providers have a key."""
        found = self._found.wait(LOOK)
        own = ["demo"] if self._config.demo_url else []
        return {**self._where, "providers": [*own, *(NAMES if found is None else found)]}

    def ring(self) -> None:
        """A message has come, and a call will."""
        self._keys.refresh()

    def close(self) -> None:
        for each in self._open:
            each.close()
