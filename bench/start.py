"""A start of OpenClaw with a memory against one without: how much longer, in which steps, and what is compiled for it.

Run it as `python -m bench.start [rounds]`; no Docker is needed, PREBAKED names a folder in which to keep what an image
brings ready-made. In a round each starts once, the first of them in turn, from a fresh copy of its state, as a restore
leaves it. The processor's time says more than the clock where other programs run.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.report import verdict
from container.agent.config import AgentConfig
from container.agent.environment import build_environment
from container.agent.openclaw import OpenClaw
from container.agent.process import OpenClawProcess
from container.image.dialogue import Dialogue
from container.image.model import model
from container.image.prebake import STOP, prebake, running, settle
from tests.e2e.gateway.harness import find_port

TALKS = 6
STEP = re.compile(r"startup trace: ([\w.-]+) ([\d.]+)ms total=")
SHOWN = 0.05  # seconds that a step must take longer to be a line of its own
TICKS = os.sysconf("SC_CLK_TCK")
NAMES = ("bare", "memory")


@dataclass(frozen=True)
class Start:
    ready: float  # seconds by the clock
    own: float  # seconds of the processor, OpenClaw's own process
    children: float  # and those that it started, and that have ended
    compiled: int  # modules that were not there ready-made
    steps: dict[str, float] = field(default_factory=dict)  # seconds


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, model() as url:
        config = _config(Path(folder), url)
        if not config.prebaked.modules.is_dir():  # type: ignore[union-attr]
            prebake(config)
        _remember(config, Path(folder, "memory"))
        found: dict[str, list[Start]] = {name: [] for name in NAMES}
        for number in range(rounds + 1):
            for name in sorted(NAMES, reverse=number % 2 == 0):
                start = measure(config, Path(folder, name))
                if number:  # the first of each reads from the disk
                    found[name].append(start)
    show(found)


def _config(folder: Path, model_url: str) -> AgentConfig:
    environ = {
        **{name: os.environ[name] for name in ("PATH", "NODE", "OPENCLAW_DIR") if name in os.environ},
        **{"TMPDIR": str(folder / "tmp"), "STATE_DIR": str(folder / "state"), "CONTROL_DIR": str(folder / "control")},
        **{"GATEWAY_PORT": str(find_port()), "LLM_MODEL": "demo/demo-1", "DEMO_MODEL_URL": model_url},
        "PREBAKED": os.environ.get("PREBAKED") or str(folder / "prebaked"),
    }
    for name in ("TMPDIR", "STATE_DIR", "PREBAKED"):
        Path(environ[name]).mkdir(exist_ok=True)
    return AgentConfig.from_env(environ)


def _remember(config: AgentConfig, kept: Path) -> None:
    """A state after some conversations, as a backup keeps it."""
    with running(config) as (token, _):
        for number in range(TALKS):
            with Dialogue(config.gateway_port, token) as dialogue:
                dialogue.ask(f"talk-{number}", "Say something.")
        settle(config.state_dir)
    shutil.move(config.state_dir, kept)


def measure(config: AgentConfig, kept: Path) -> Start:
    """`kept` may be missing: then it is the start of a new agent."""
    if kept.exists():
        shutil.copytree(kept, config.state_dir, symlinks=True)
    before = _modules(config)
    with _started(config) as (process, began):
        openclaw = OpenClaw(config)
        while not openclaw.is_ready():
            assert process.poll() is None, "OpenClaw did not start"
            time.sleep(0.02)
        took, (own, children) = time.monotonic() - began, _used(process.pid)
        settle(config.state_dir)
    steps = _steps(config.state_dir / "logs" / "openclaw.log")
    compiled = _modules(config) - before
    for path in compiled:
        path.unlink()
    shutil.rmtree(config.state_dir)
    return Start(took, own, children, len(compiled), steps)


@contextmanager
def _started(config: AgentConfig) -> Iterator[tuple[OpenClawProcess, float]]:
    openclaw = OpenClaw(config)
    shutil.rmtree(config.module_cache, ignore_errors=True)
    openclaw.prepare()
    began = time.monotonic()
    openclaw.prepare_state()
    environ = {**build_environment(config, secrets.token_hex(32)), "OPENCLAW_GATEWAY_STARTUP_TRACE": "1"}
    process = OpenClawProcess(openclaw.command, environ, config.state_dir)
    try:
        yield process, began
    finally:
        process.stop(STOP)


def _modules(config: AgentConfig) -> set[Path]:
    assert config.prebaked
    return set(config.prebaked.modules.iterdir())


def _used(pid: int) -> tuple[float, float]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own, system, children, their_system = (int(each) / TICKS for each in fields[11:15])
    return own + system, children + their_system


def _steps(log: Path) -> dict[str, float]:
    steps: dict[str, float] = {}
    for name, took in STEP.findall(log.read_text()):
        steps[name] = steps.get(name, 0.0) + float(took) / 1000
    return steps


def show(found: dict[str, list[Start]]) -> None:
    bare, memory = (found[name] for name in NAMES)
    for what in ("ready", "own", "children", "compiled"):
        values = {name: [float(getattr(start, what)) for start in starts] for name, starts in found.items()}
        print(f"{what:<20}" + "".join(f"  {name} {median(each):7.2f}" for name, each in values.items()))
    names = {name for start in memory for name in start.steps}
    longer = {name: _median(memory, name) - _median(bare, name) for name in names}
    for name in sorted(longer, key=lambda each: -longer[each]):
        if longer[name] >= SHOWN:
            print(f"  {name:<58} {_median(bare, name):6.2f} → {_median(memory, name):6.2f} s")
    ready = [[start.ready for start in starts] for starts in (bare, memory)]
    verdict("ready later with a memory, median", median(ready[1]) - median(ready[0]), 0.5, "s")
    ratio = median(ready[1]) / median(ready[0])
    print(f"ratio of the medians {ratio:.2f}, n={len(memory)}, load {os.getloadavg()[0]:.1f}")


def _median(starts: Sequence[Start], step: str) -> float:
    return median(start.steps.get(step, 0.0) for start in starts)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
