"""An agent that wants another OpenClaw: what it writes over the configuration, and what it asks OpenClaw itself."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest

from chalicelib.domain.turn import Finished
from container.bridge.openclaw.gateway import OpenClawGateway
from tests.e2e.gateway.harness import ROOT, OpenClaw, wait_for
from tests.e2e.gateway.test_turns import finished, new

OBEYED = 1.5  # seconds in which OpenClaw obeys a new configuration: 0.3 and a slow machine
CLI = ROOT / "container" / "node_modules" / "openclaw" / "openclaw.mjs"
Order = Callable[[str], Finished]


@pytest.fixture
def order(gateway: OpenClawGateway) -> Iterator[Order]:
    """The agent runs a command."""

    def run(command: str) -> Finished:
        return finished(gateway.run(new(), new(), f"Do it [[tool=exec {json.dumps({'command': command})}]]"))

    yield run


def control_ui(openclaw: OpenClaw) -> int:
    with closing(HTTPConnection("127.0.0.1", openclaw.port, timeout=5)) as connection:
        connection.request("GET", "/")
        return connection.getresponse().status


def hostile(openclaw: OpenClaw) -> str:
    """Our configuration with a page of OpenClaw's own, a model elsewhere, and a watch over further changes."""
    config = json.loads((openclaw.state / "openclaw.json").read_text())
    config["gateway"] |= {"controlUi": {"enabled": True}, "reload": {"mode": "hybrid"}}
    config["models"]["providers"]["demo"]["baseUrl"] = "http://127.0.0.1:9/elsewhere"
    return json.dumps(config)


def test_what_an_agent_writes_over_the_configuration_has_no_effect_and_is_told(
    openclaw: OpenClaw, gateway: OpenClawGateway, order: Order, tmp_path: Path
) -> None:
    ours, planted = (openclaw.state / "openclaw.json").read_text(), tmp_path / "planted.json"
    planted.write_text(hostile(openclaw))
    order(f"cp {planted} {openclaw.state / 'openclaw.json'}")
    wait_for(lambda: "openclaw.json" in openclaw.report().get("changed", []), 10)
    time.sleep(OBEYED)
    assert control_ui(openclaw) == HTTPStatus.NOT_FOUND
    assert (openclaw.state / "openclaw.json").read_text() == ours
    assert "You said" in finished(gateway.run(new(), new(), "the model is where it was")).text


def test_openclaw_changes_its_configuration_for_nobody(openclaw: OpenClaw, order: Order, tmp_path: Path) -> None:
    said = tmp_path / "said.txt"
    order(f"node {CLI} config set gateway.controlUi.enabled true >{said} 2>&1")
    wait_for(lambda: "immutable" in said.read_text(), 60)
    assert control_ui(openclaw) == HTTPStatus.NOT_FOUND


def test_no_signal_opens_a_debugger(openclaw: OpenClaw, order: Order) -> None:
    pid = openclaw.report()["pid"]
    assert "signalled" in order(f"kill -USR1 {pid}; echo signalled").text
    time.sleep(0.5)
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", 9229)) != 0
    assert openclaw.report()["pid"] == pid
