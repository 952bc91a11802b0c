"""`python -m container.image.prebake`: runs OpenClaw as a task does, and keeps what makes the next start quicker.

Kept are its modules as Node compiled them, those of a turn and a tool too, and the state that a first start makes,
without what only one person may have.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from container.agent.config import AgentConfig
from container.agent.control import Order
from container.agent.openclaw import OpenClaw
from container.image.audit import critical
from container.image.dialogue import Dialogue
from container.image.model import model
from container.image.template import make_template

START = 180.0  # seconds; on a machine that only plays this processor it takes long
STOP = timedelta(seconds=60)
QUIET = 3.0  # seconds without a write
MOST_AGAIN = 200  # of so many modules one
TURNS = ("Look with a tool.", "And without.")
SESSION = "agent:main:prebake"
READS = ("health", "sessions.list", "models.list", "cron.status", "cron.list", "skills.status")


def main(environ: Mapping[str, str]) -> None:
    with model() as url:
        prebake(AgentConfig.from_env({**environ, "LLM_MODEL": "demo/demo-1", "DEMO_MODEL_URL": url}))


def prebake(config: AgentConfig) -> None:
    assert config.prebaked, "PREBAKED is missing"
    memory = config.prebaked.folder / "memory"
    with running(config) as (token, took):
        say(f"the first start took {took:.1f} s")
        converse(config, token)
    shutil.copytree(config.state_dir, memory, symlinks=True)
    with running(config) as (token, _):  # a start with a memory loads what no other does, in its workers too
        converse(config, token)
    shutil.rmtree(config.state_dir)
    with running(config) as (token, _):
        read(config, token)
        settle(config.state_dir)
        if found := critical(config, token):
            raise SystemExit(f"OpenClaw's own audit: {'; '.join(found)}")
    make_template(config.state_dir, config.prebaked.state)
    shutil.rmtree(config.state_dir)
    keep_modules(config.module_cache, config.prebaked.modules)
    prove(config, "without a memory")
    shutil.move(memory, config.state_dir)
    prove(config, "with a memory")


@contextmanager
def running(config: AgentConfig) -> Iterator[tuple[str, float]]:
    """Its token, and the seconds until it was ready."""
    openclaw, token, began = OpenClaw(config), secrets.token_hex(32), time.monotonic()
    process = openclaw.start(Order(token, 0))
    while not openclaw.is_ready():
        if process.poll() is not None or time.monotonic() - began > START:
            raise SystemExit(f"OpenClaw did not start; exit code {process.clear()}")
        time.sleep(0.1)
    yield token, time.monotonic() - began
    if code := process.stop(STOP):
        raise SystemExit(f"OpenClaw ended with exit code {code}")


def converse(config: AgentConfig, token: str) -> None:
    with Dialogue(config.gateway_port, token) as dialogue:
        for text in TURNS:
            dialogue.ask("prebake", text)
        dialogue.call("chat.history", {"sessionKey": SESSION, "limit": 1})
        dialogue.call("sessions.search", {"sessionKeys": [SESSION], "query": "nobody", "limit": 1})
    read(config, token)
    settle(config.state_dir)


def read(config: AgentConfig, token: str) -> None:
    with Dialogue(config.gateway_port, token) as dialogue:
        for method in READS:
            dialogue.call(method, {})


def settle(state: Path) -> None:
    """What it does after it is ready, it has done when it writes no more."""
    seen, quiet = "", 0.0
    while quiet < QUIET:
        time.sleep(0.5)
        now = str(sorted((str(path), path.lstat().st_mtime_ns) for path in state.rglob("*") if path.exists()))
        seen, quiet = now, quiet + 0.5 if now == seen else 0.0


def keep_modules(cache: Path, modules: Path) -> None:
    (made,) = cache.iterdir()  # one folder for this version of V8, its flags and this processor
    shutil.move(made, modules)
    cache.rmdir()
    size = sum(path.stat().st_size for path in modules.iterdir())
    say(f"{len(list(modules.iterdir()))} modules, {size >> 20} MB")


def prove(config: AgentConfig, how: str) -> None:
    """A task's start with what was kept compiles nothing of it again; `config.state_dir` is what was restored."""
    assert config.prebaked
    before = {path.name for path in config.prebaked.modules.iterdir()}
    OpenClaw(config).prepare()
    if not any(path.is_symlink() for path in config.module_cache.iterdir()):
        raise SystemExit("the compiled modules cannot be linked")
    with running(config) as (_, took):
        say(f"a start {how} took {took:.1f} s")
        settle(config.state_dir)
    after = {path.name for path in config.prebaked.modules.iterdir()}
    for name in after - before:
        (config.prebaked.modules / name).unlink()
    say(f"of {len(before)} modules {len(after - before)} were compiled again")
    if len(after - before) > len(before) // MOST_AGAIN:
        raise SystemExit("the compiled modules are not used")
    shutil.rmtree(config.state_dir)
    shutil.rmtree(config.module_cache)


def say(line: str) -> None:
    sys.stdout.write(f"prebake: {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(os.environ)
