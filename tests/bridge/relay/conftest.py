"""A relay on a port of the loopback, whose providers are a server of this test."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from container.bridge.certificate import create_identity
from container.bridge.relay.allowance import Allowance, Unlimited
from container.bridge.relay.exchange import Timing
from container.bridge.relay.keys import Keys
from container.bridge.relay.ledger import CallLedger, LedgerCall
from container.bridge.relay.listener import Listener
from container.bridge.relay.prices import listed
from container.bridge.relay.providers import HOSTS, ModelProvider
from container.bridge.relay.relay import ModelRelay
from container.bridge.relay.upstream import Pool
from container.bridge.threads import Threads
from tests.fakes.providers import FakeProviders, fake_providers

TOKEN = "rt-of-the-tests"
CERTIFICATE = create_identity(datetime.now(UTC), HOSTS)


@dataclass
class Place:
    """What a test may change before it opens a relay, and what it finds afterwards."""

    providers: FakeProviders
    keys: dict[str, str] = field(default_factory=lambda: dict.fromkeys(("anthropic", "openai"), "sk-real"))
    ledger: CallLedger = field(default_factory=CallLedger)
    opened: list[Listener | Pool] = field(default_factory=list)

    def open(
        self,
        allowance: Allowance | None = None,
        timing: Timing | None = None,
        dial: Callable[[ModelProvider], socket.socket] | None = None,
        demo: ModelProvider | None = None,
    ) -> int:
        keys = Keys(self.keys.get, Threads())
        pool = Pool(dial or self.providers.dial)
        models, around = listed("anthropic/of-the-owner"), allowance or Unlimited()
        relay = ModelRelay(TOKEN, models, keys, pool, self.ledger, around, timing or Timing())
        listener = Listener(relay, CERTIFICATE.context(), demo)
        port = listener.open()
        threading.Thread(target=listener.run, daemon=True).start()
        self.opened += [listener, pool]
        return port

    def calls(self, count: int = 1) -> list[LedgerCall]:
        """A call is counted when its last byte has gone out."""
        in_time(lambda: self.ledger.count >= count)
        return list(self.ledger.calls)


def in_time(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.002)


@pytest.fixture
def place() -> Iterator[Place]:
    with fake_providers() as providers:
        place = Place(providers)
        yield place
        while CONNECTIONS:
            CONNECTIONS.pop().close()
        for each in place.opened:
            each.close()


def connect(port: int, host: str = "api.anthropic.com") -> http.client.HTTPSConnection:
    """As OpenClaw does: by CONNECT, trusting the relay's certificate."""
    trust = ssl.create_default_context(cadata=CERTIFICATE.pem)
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=20, context=trust)
    connection.set_tunnel(host, 443)
    CONNECTIONS.append(connection)
    return connection


CONNECTIONS: list[http.client.HTTPConnection | http.client.HTTPResponse] = []


MESSAGE: dict[str, Any] = {"model": "claude-sonnet-4-6", "max_tokens": 1000, "stream": True, "messages": []}
