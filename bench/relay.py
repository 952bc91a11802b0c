"""First word of a turn with the relay and without, and what the relay alone adds to a call.

Run it as `python -m bench.relay [turns]`. Two OpenClaws with the same configuration speak to the same provider, one
behind the relay, one through a plain tunnel; their turns alternate, and so does who is first.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import sys
import tempfile
import time
import uuid
from functools import partial
from pathlib import Path
from statistics import median

from bench.report import milliseconds, p95, verdict
from chalicelib.domain.turn import Choice, Delta
from container.bridge.relay.providers import BY_HOST
from tests.e2e.relayed import Running, as_it_is, behind_relay
from tests.fakes.providers import FakeProviders, fake_providers

WARM_UPS = 5
REST = 0.3  # seconds before each turn: OpenClaw has work to do after one
MODEL = "anthropic/claude-sonnet-4-6"
HOST = "api.anthropic.com"
CALLS = 200
ABORTS = 30
ASKED = {"model": "claude-sonnet-4-6", "stream": True, "messages": []}


def main(turns: int) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        fake_providers() as providers,
        behind_relay(Path(folder) / "with", providers) as relayed,
    ):
        calls(relayed, providers)
        with as_it_is(Path(folder) / "without", providers) as bare:
            first_words(relayed, bare, turns)


def first_words(relayed: Running, bare: Running, turns: int) -> None:
    ways = {"with": (relayed, str(uuid.uuid4())), "without": (bare, str(uuid.uuid4()))}
    found: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(WARM_UPS + turns):
        for name in sorted(ways, reverse=bool(number % 2)):
            time.sleep(REST)
            found[name].append(first_word(*ways[name]))
    ours, theirs = found["with"][WARM_UPS:], found["without"][WARM_UPS:]
    milliseconds("first word, with the relay", ours)
    milliseconds("first word, without", theirs)
    verdict("added to the first word, medians", (median(ours) - median(theirs)) * 1000, 5, "ms")
    pairs = [one - other for one, other in zip(ours, theirs, strict=True)]
    print(f"median of the pairs' differences {median(pairs) * 1000:.1f} ms")
    print(f"ratio of the medians {median(ours) / median(theirs):.3f}, n={len(ours)}, load {os.getloadavg()[0]:.1f}")


def first_word(running: Running, conversation: str) -> float:
    began, first = time.monotonic(), 0.0
    for event in running.gateway.run(conversation, str(uuid.uuid4()), "hello", choice=Choice(MODEL)):
        if isinstance(event, Delta) and event.text and not first:
            first = time.monotonic() - began
    return first


def calls(relayed: Running, providers: FakeProviders) -> None:
    """The first byte of an answer over connections that are kept; a body as large as OpenClaw's."""
    through, token = through_relay(relayed)
    direct = http.client.HTTPSConnection(HOST)
    direct.sock = providers.dial(BY_HOST[HOST])
    found: dict[str, list[float]] = {"through the relay": [], "direct": []}
    for _ in range(CALLS):
        found["through the relay"].append(first_byte(through, token))
        found["direct"].append(first_byte(direct, "sk"))
    for name, took in found.items():
        milliseconds(f"first byte of a call, {name}", took[10:])
    through.close()
    direct.close()
    aborts(relayed, providers)


def aborts(relayed: Running, providers: FakeProviders) -> None:
    """From the end of OpenClaw's connection, in a silence of the provider, to the end of the provider's."""
    took: list[float] = []
    for _ in range(ABORTS):
        providers.between = partial(silent, providers)
        connection, token = through_relay(relayed)
        connection.request("POST", "/v1/messages", json.dumps(ASKED), {"x-api-key": token})
        connection.getresponse().read(1)
        began = time.monotonic()
        connection.sock.shutdown(socket.SHUT_RDWR)
        assert providers.asked[-1].ended.wait(20), "the provider works on"  # in its silence, or a word before
        took.append(time.monotonic() - began)
        connection.close()
    providers.between = lambda index: None
    milliseconds("the provider's connection closed after an abort", took)
    verdict("the same, 95 %", p95(took) * 1000, 100, "ms")


def silent(providers: FakeProviders, index: int) -> None:
    if providers.notice_end(30):
        raise OSError("gone")


def through_relay(relayed: Running) -> tuple[http.client.HTTPSConnection, str]:
    """And the token for it."""
    assert relayed.relay
    where = relayed.relay.order()
    host, port = where["url"].removeprefix("http://").split(":")
    trust = ssl.create_default_context(cadata=where["certificate"])
    connection = http.client.HTTPSConnection(host, int(port), context=trust)
    connection.set_tunnel(HOST, 443)
    return connection, where["token"]


def first_byte(connection: http.client.HTTPSConnection, key: str) -> float:
    text = "a word " * 6500
    asked = {"model": "claude-sonnet-4-6", "stream": True, "messages": [{"role": "user", "content": text}]}
    body = json.dumps(asked)
    began = time.monotonic()
    connection.request("POST", "/v1/messages", body, {"x-api-key": key})
    answer = connection.getresponse()
    answer.read(1)
    took = time.monotonic() - began
    answer.read()
    return took


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
