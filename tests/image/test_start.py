"""A start from the image: what was prepared is used, and every agent is one of its own."""

from __future__ import annotations

import json

import pytest

from tests.image.engine import Engine

# Starts OpenClaw as the supervisor does, but lets Node tell of its cache; ends it when it is ready.
START = """
import collections, json, os, re, signal, sqlite3, subprocess, time
from container.agent.environment import build_environment
from container.agent.openclaw import OpenClaw
from container.agent.config import AgentConfig
told = {"LLM_MODEL": "demo/demo-1", "DEMO_MODEL_URL": "http://127.0.0.1:9", **json.loads(%r)}
config = AgentConfig.from_env({**os.environ, **told})
openclaw = OpenClaw(config)
openclaw.prepare()
openclaw.prepare_state()
environ = {**build_environment(config, "ab" * 32), "NODE_DEBUG_NATIVE": "COMPILE_CACHE"}
with open("/tmp/told", "wb") as file:
    process = subprocess.Popen(openclaw.command, env=environ, stdout=file, stderr=file)
while not openclaw.is_ready():
    assert process.poll() is None, open("/tmp/told").read()[-2000:]
    time.sleep(0.2)
time.sleep(2)
process.send_signal(signal.SIGTERM)
process.wait(60)
text = open("/tmp/told", errors="replace").read()
database = sqlite3.connect(config.state_dir / "state" / "openclaw.sqlite")
print(json.dumps({
    "used": text.count("was accepted, keeping the in-memory entry"),
    "made": text.count("was not initialized, initializing"),
    "rejected": text.count("was rejected"),
    "searched": "Doctor changes" in text,
    "installed": [line for line in text.splitlines() if re.search(r"Failed to install|npm (view|install)", line)],
    "identity": database.execute("SELECT device_id FROM device_identities").fetchall(),
}))
"""


@pytest.fixture(scope="module")
def starts(engine: Engine) -> list[dict[str, object]]:
    """With the demo model, and with a key whose provider OpenClaw would install a plugin for."""
    return [dict(json.loads(engine.run(START % json.dumps(told)))) for told in ({}, {"DEEPSEEK_API_KEY": "sk-none"})]


def test_nothing_is_compiled_again(starts: list[dict[str, object]]) -> None:
    for start in starts:
        used, made = start["used"], start["made"]
        assert isinstance(used, int) and isinstance(made, int)
        assert used > 1000
        assert made + int(str(start["rejected"])) < used / 100


def test_a_new_agent_has_its_first_state_at_once(starts: list[dict[str, object]]) -> None:
    assert [start["searched"] for start in starts] == [False, False]


def test_nothing_is_fetched_when_it_starts(starts: list[dict[str, object]]) -> None:
    assert [start["installed"] for start in starts] == [[], []]


def test_no_two_agents_are_the_same(starts: list[dict[str, object]]) -> None:
    first, second = (start["identity"] for start in starts)
    assert first and second and first != second
