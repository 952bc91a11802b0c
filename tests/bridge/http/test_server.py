"""The bridge's server and the cloud's doorbell, over real TLS."""

import dataclasses
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.adapters.bridge import HttpsDoorbell
from chalicelib.domain.agent import Agent
from container.agent.control import Control, Order, Report
from container.bridge.certificate import create_identity
from container.bridge.http.app import create_app
from container.bridge.http.server import create_server
from container.bridge.openclaw.supervisor import ControlFolder
from tests.bridge.http.test_app import EPOCH, KEY, FakeBridge
from tests.fakes.bridge import now


@dataclasses.dataclass
class Serving:
    bridge: FakeBridge
    agent: Agent


@pytest.fixture
def serving() -> Iterator[Serving]:
    bridge, identity = FakeBridge(), create_identity(now())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    server = create_server(create_app(bridge, KEY, EPOCH, now), address, identity)
    server.prepare()
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield Serving(
        bridge, Agent("ada", epoch=EPOCH, address=address, certificate_sha256=identity.sha256, bridge_key=KEY)
    )
    server.stop()
    thread.join()


def doorbell() -> HttpsDoorbell:
    return HttpsDoorbell(now, iter(map(str, range(100))).__next__)


def test_the_doorbell_rings(serving: Serving) -> None:
    assert doorbell().ring(serving.agent)
    assert serving.bridge.asked == ["ring"]


def test_a_bridge_with_another_certificate_is_told_nothing(serving: Serving) -> None:
    stranger = dataclasses.replace(serving.agent, certificate_sha256="0" * 64)
    assert not doorbell().ring(stranger)
    assert serving.bridge.asked == []


def test_a_ring_of_another_epoch_is_not_believed(serving: Serving) -> None:
    assert not doorbell().ring(dataclasses.replace(serving.agent, epoch=EPOCH + 1))
    assert serving.bridge.asked == []


def test_the_key_file_is_gone_once_the_server_has_it(tmp_path: Path) -> None:
    identity = create_identity(now())
    identity.context()
    assert list(tmp_path.iterdir()) == []
    assert len(identity.sha256) == 64


def test_a_halt_is_over_when_the_supervisor_says_so(tmp_path: Path) -> None:
    control, naps = Control(tmp_path), list[float]()

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            control.write_report(Report("exited", 1, exit_code=0))

    folder = ControlFolder(tmp_path, "token", nap)
    control.write_report(Report("running", 1, 4711))
    folder.halt(5.0)
    assert control.read_order() == Order("token", 0, halt=True)
    assert len(naps) == 3


def test_a_halt_waits_only_so_long_and_not_for_what_never_ran(tmp_path: Path) -> None:
    naps: list[float] = []
    folder = ControlFolder(tmp_path, "token", naps.append)
    folder.halt(5.0)
    assert naps == []
    Control(tmp_path).write_report(Report("running", 1, 4711))
    folder.halt(1.0)
    assert sum(naps) == pytest.approx(1.0)


def test_openclaw_starts_until_it_is_ready_and_a_moment_longer(tmp_path: Path) -> None:
    """The moment in which the bridge finds its gateway."""
    now = [0.0]
    folder = ControlFolder(tmp_path, "token", clock=lambda: now[0])
    assert not folder.starting()
    Control(tmp_path).write_report(Report("starting", 1, 4711))
    now[0] = (tmp_path / "agent.json").stat().st_mtime + 250
    assert folder.starting()
    Control(tmp_path).write_report(Report("running", 1, 4711))
    now[0] = (tmp_path / "agent.json").stat().st_mtime + 1
    assert folder.starting()
    now[0] += 30
    assert not folder.starting()
    Control(tmp_path).write_report(Report("exited", 1, exit_code=1))
    assert not folder.starting()


def test_the_supervisor_reads_what_the_bridge_orders(tmp_path: Path) -> None:
    folder = ControlFolder(tmp_path, "token")
    folder.go()
    folder.restart()
    assert json.loads((tmp_path / "go.json").read_text()) == {
        "token": "token",
        "restarts": 1,
        "permissionMode": "full",
    }
