"""The folder shared with the bridge: `go.json` says when to start, `agent.json` says how OpenClaw is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from container.agent.relay import Relay
from container.files import is_held, read_file, replace_below

BRIDGE = "bridge.lock"  # held by it for as long as it lives
State = Literal["waiting", "starting", "running", "exited"]


@dataclass(frozen=True)
class Order:
    token: str
    restarts: int
    halt: bool = False  # OpenClaw is to end and not to start again
    relay: Relay | None = None
    guarded: bool = False  # commands wait for their owner, and files are those of the workspace


@dataclass(frozen=True)
class Report:
    state: State
    starts: int = 0
    pid: int | None = None
    exit_code: int | None = None
    problem: str | None = None  # in words, for the log of the bridge
    changed: tuple[str, ...] = ()  # paths: what would have changed how OpenClaw starts, and does not


class Control:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def read_order(self) -> Order | None:
        """What the bridge wants; None until it has said something we can read."""
        try:
            order = json.loads(read_file(self.folder, "go.json"))
            relay = Relay.read(order["relay"]) if order.get("relay") else None
            return Order(
                token=str(order["token"]),
                restarts=int(order.get("restarts", 0)),
                halt=bool(order.get("halt", False)),
                relay=relay,
                guarded=order.get("permissionMode", "full") != "full",
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return None

    def bridge_lives(self) -> bool:
        """As far as it has said so: it holds a lock, which nobody releases but its end."""
        return is_held(self.folder, BRIDGE)

    def write_report(self, report: Report) -> None:
        fields: dict[str, object] = {"state": report.state, "starts": report.starts, "pid": report.pid}
        if report.exit_code is not None:
            fields["exitCode"] = report.exit_code
        if report.problem is not None:
            fields["problem"] = report.problem
        if report.changed:
            fields["changed"] = list(report.changed)
        replace_file(self.folder / "agent.json", json.dumps(fields))


def replace_file(path: Path, text: str) -> None:
    """Readers see the old text or the new one, never a part of it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_below(path.parent, path.name, text)
