from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from container.agent.control import Control, Order, Report, replace_file
from container.agent.relay import Relay
from container.agent.supervisor import RESTART_BUDGET, OpenClawSupervisor
from container.bridge.openclaw.supervisor import ControlFolder
from tests.test_boundaries import ROOT


class Signals:
    """Time passes only when somebody waits; what is to happen then is written down before."""

    def __init__(self) -> None:
        self.count = 0
        self.now = 0.0
        self._plans: list[tuple[float, Callable[[], None]]] = []

    def wait(self, seconds: float) -> bool:
        self.now += seconds
        for plan in [plan for plan in self._plans if plan[0] <= self.now]:
            self._plans.remove(plan)
            plan[1]()
        assert self.now < 3600, "the supervisor never ended"
        return self.count > 0

    def at(self, seconds: float, do: Callable[[], None]) -> None:
        self._plans.append((seconds, do))

    def terminate(self) -> None:
        self.count += 1


class OpenClawProcess:
    def __init__(self, pid: int, code: int | None) -> None:
        self.pid, self.code = pid, code
        self.budget: timedelta | None = None

    def poll(self) -> int | None:
        return self.code

    def stop(self, budget: timedelta, hurry: Callable[[], bool]) -> int:
        self.budget, self.code = budget, 0
        return self.code

    def clear(self) -> int:
        assert self.code is not None
        return self.code


class World:
    def __init__(self, folder: Path, codes: list[int | None]) -> None:
        self.folder = folder
        self.signals = Signals()
        self.codes = codes  # how each start goes: the exit code of one that dies at once, None for one that lives
        self.started: list[OpenClawProcess] = []
        self.times: list[float] = []
        self.ready = False
        self.changed: list[str] = []
        self.orders: list[Order] = []  # by which each was started

    def start(self, order: Order) -> OpenClawProcess:
        self.times.append(self.signals.now)
        self.orders.append(order)
        process = OpenClawProcess(len(self.started) + 1, self.codes.pop(0) if self.codes else None)
        self.started.append(process)
        return process

    def is_ready(self) -> bool:
        return self.ready

    def keep(self) -> list[str]:
        return list(self.changed)

    def order(self, restarts: int = 0, halt: bool = False) -> None:
        replace_file(self.folder / "go.json", json.dumps({"token": "t", "restarts": restarts, "halt": halt}))

    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads((self.folder / "agent.json").read_text())
        return report

    def run(self, until: float) -> None:
        self.signals.at(until, self.signals.terminate)
        control = Control(self.folder)
        OpenClawSupervisor(control, self, self.signals, timedelta(seconds=100)).run()


def test_nothing_starts_before_the_bridge_says_go(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    world.run(until=5)
    assert world.started == []
    assert world.report()["state"] == "waiting"


def test_openclaw_starts_when_the_bridge_says_go_and_ends_with_us(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    world.signals.at(1, world.order)
    world.run(until=5)
    assert len(world.started) == 1
    assert world.started[0].budget == timedelta(seconds=100)
    assert world.report() == {"state": "exited", "starts": 1, "pid": None, "exitCode": 0}


def test_who_is_told_to_end_as_openclaw_dies_does_not_wait_for_another_start(tmp_path: Path) -> None:
    world = World(tmp_path, [1])
    world.order()
    world.signals.terminate()
    world.run(until=50)
    assert world.signals.now < 1


def test_it_is_starting_until_it_is_ready_and_running_then(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    world.order()
    seen: list[Any] = []
    world.signals.at(1, lambda: seen.append(world.report()["state"]))
    world.signals.at(2, lambda: setattr(world, "ready", True))
    world.signals.at(3, lambda: seen.append(world.report()))
    world.run(until=4)
    assert seen == ["starting", {"state": "running", "starts": 1, "pid": 1}]


def test_what_was_put_back_is_told_while_openclaw_runs(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    world.ready = True
    world.order()
    seen: list[Any] = []
    world.signals.at(1, lambda: world.changed.append("openclaw.json"))
    world.signals.at(2, lambda: seen.append(world.report()))
    world.run(until=4)
    assert seen == [{"state": "running", "starts": 1, "pid": 1, "changed": ["openclaw.json"]}]


def test_where_the_relay_is_the_token_and_what_the_agent_may_do_are_of_the_first_order(tmp_path: Path) -> None:
    """The agent can write that file as well as the bridge can."""
    world = World(tmp_path, [])
    relay = {"url": "http://127.0.0.1:1", "token": "t", "certificate": "PEM", "providers": []}
    write = functools.partial(replace_file, tmp_path / "go.json")
    write(json.dumps({"token": "t", "restarts": 0, "relay": relay, "permissionMode": "guarded"}))
    forged = {**relay, "url": "http://evil.example:1", "certificate": "another"}
    world.signals.at(1, lambda: write(json.dumps({"token": "x", "restarts": 9, "relay": forged})))
    world.run(until=5)
    assert [order.restarts for order in world.orders] == [0, 9]
    assert {order.relay and order.relay.url for order in world.orders} == {"http://127.0.0.1:1"}
    assert {order.token for order in world.orders} == {"t"}
    assert [order.guarded for order in world.orders] == [True, True]


def test_what_dies_is_started_again_a_little_later_each_time(tmp_path: Path) -> None:
    world = World(tmp_path, [1] * 8)
    world.order()
    world.run(until=60)
    pauses = [round(later - earlier, 3) for earlier, later in zip(world.times, world.times[1:], strict=False)]
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]


def test_a_bad_configuration_is_tried_slowly_and_said_aloud(tmp_path: Path) -> None:
    world = World(tmp_path, [78, 78])
    world.order()
    seen: list[dict[str, Any]] = []
    world.signals.at(1, lambda: seen.append(world.report()))
    world.run(until=30)
    assert world.times == [0.0, 10.0, 20.0]
    assert seen[0]["exitCode"] == 78
    assert "configuration" in seen[0]["problem"]


def test_an_openclaw_that_lived_long_is_started_again_at_once(tmp_path: Path) -> None:
    world = World(tmp_path, [1, 1, 1])
    world.order()

    def die() -> None:
        world.started[3].code = -9

    world.signals.at(60, die)
    world.run(until=70)
    assert 0.5 <= world.times[4] - 60 < 0.7


def test_an_openclaw_that_is_halted_ends_and_stays_away(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    world.order()
    world.signals.at(5, lambda: world.order(halt=True))
    seen: list[dict[str, Any]] = []
    world.signals.at(6, lambda: seen.append(world.report()))
    world.run(until=60)
    assert len(world.started) == 1
    assert world.started[0].budget == RESTART_BUDGET
    assert seen[0]["state"] == "exited"


def test_the_bridge_can_order_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    world.order()
    world.signals.at(5, lambda: world.order(restarts=1))
    world.run(until=10)
    assert len(world.started) == 2
    assert world.started[0].budget == RESTART_BUDGET
    assert 5 <= world.times[1] < 5.2


def told_at_once(folder: Path, until: float, *plans: tuple[float, Callable[[World], None]]) -> World:
    """Spot tells both containers to end after ten seconds, while a bridge lives that has ordered the start."""
    world = World(folder, [])
    bridge = ControlFolder(folder, "t")
    bridge.go()
    world.ready = True
    for seconds, plan in plans:
        world.signals.at(seconds, functools.partial(plan, world))
    world.run(until)
    return world


def test_openclaw_is_not_stopped_under_an_answer_that_the_bridge_waits_for(tmp_path: Path) -> None:
    world = told_at_once(tmp_path, 10, (50, lambda world: world.order(halt=True)))
    assert 50 <= world.signals.now < 51
    assert world.started[0].budget == RESTART_BUDGET


def test_a_bridge_that_gives_no_word_is_waited_for_only_so_long(tmp_path: Path) -> None:
    world = told_at_once(tmp_path, 10)
    assert world.signals.now - 10 < 91
    assert world.started[0].budget == RESTART_BUDGET, "SIGKILL comes after 120 s"


def test_who_is_told_twice_to_end_waits_for_nobody(tmp_path: Path) -> None:
    world = told_at_once(tmp_path, 10, (20, lambda world: world.signals.terminate()))
    assert world.signals.now < 21


def test_a_bridge_that_is_dead_is_not_waited_for(tmp_path: Path) -> None:
    lives = "import sys; from pathlib import Path; from container.bridge.openclaw.supervisor import ControlFolder as C"
    go = f"{lives}; c = C(Path(sys.argv[1]), 't'); c.go(); print('ok', flush=True); sys.stdin.read()"
    bridge = subprocess.Popen(
        [sys.executable, "-c", go, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert bridge.stdout and bridge.stdout.readline() == b"ok\n"
    assert Control(tmp_path).bridge_lives()
    bridge.kill()
    bridge.communicate()
    assert not Control(tmp_path).bridge_lives()
    world = World(tmp_path, [])
    world.run(until=5)
    assert world.signals.now < 5.1
    assert world.started[0].budget == timedelta(seconds=100)


def test_an_old_order_is_not_carried_out_twice(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    world.order(restarts=7)
    world.run(until=10)
    assert len(world.started) == 1


def test_a_program_that_cannot_be_started_does_not_end_the_supervisor(tmp_path: Path) -> None:
    world = World(tmp_path, [])
    world.order()
    attempts: list[float] = []

    def fail(order: Order) -> OpenClawProcess:
        attempts.append(world.signals.now)
        raise FileNotFoundError("no node here")

    world.start = fail  # type: ignore[method-assign]
    world.run(until=3)
    assert len(attempts) == 3
    assert "no node here" in world.report()["problem"]


def test_an_order_that_cannot_be_read_is_no_order(tmp_path: Path) -> None:
    control = Control(tmp_path)
    for text in ("", "{", "[]", "{}", '{"token": "t", "restarts": "x"}', '{"token": "t", "relay": {"url": "u"}}'):
        (tmp_path / "go.json").write_text(text)
        assert control.read_order() is None
    (tmp_path / "go.json").write_text('{"token": "t"}')
    assert control.read_order() == Order("t", 0)


def test_the_order_says_where_the_relay_is(tmp_path: Path) -> None:
    relay = {"url": "http://127.0.0.1:1", "token": "rt", "certificate": "PEM", "providers": ["openai"]}
    replace_file(tmp_path / "go.json", json.dumps({"token": "t", "relay": relay}))
    assert Control(tmp_path).read_order() == Order("t", 0, False, Relay("http://127.0.0.1:1", "rt", "PEM", ("openai",)))


def test_a_report_replaces_the_one_before_as_a_whole(tmp_path: Path) -> None:
    control = Control(tmp_path)
    control.write_report(Report("running", 1, 42))
    control.write_report(Report("exited", 1, exit_code=-9, problem="killed by signal 9"))
    report = json.loads((tmp_path / "agent.json").read_text())
    assert report == {"state": "exited", "starts": 1, "pid": None, "exitCode": -9, "problem": "killed by signal 9"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agent.json"]
