import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from container.agent.config import PROVIDER_KEYS, AgentConfig
from container.agent.environment import build_environment
from container.agent.openclaw import OpenClaw
from container.agent.openclaw_json import render_agent_settings, render_openclaw_json
from container.bridge.openclaw.phases import TurnLimits

ALL_KEYS = dict.fromkeys(PROVIDER_KEYS.values(), "sk-test") | {"DEMO_MODEL_URL": "http://127.0.0.1:9099"}


def read(folder: Path, **environ: str) -> AgentConfig:
    least = {"STATE_DIR": str(folder), "CONTROL_DIR": str(folder / "control"), "LLM_MODEL": "demo/demo-1"}
    return AgentConfig.from_env({**least, **environ})


def providers(folder: Path, **environ: str) -> dict[str, Any]:
    found: dict[str, Any] = render_openclaw_json(read(folder, **environ))["models"]["providers"]
    return found


@pytest.mark.parametrize("environ", [{}, ALL_KEYS], ids=["no keys", "all keys"])
def test_openclaw_accepts_the_configuration(tmp_path: Path, environ: dict[str, str]) -> None:
    config = read(tmp_path, **environ)
    (tmp_path / "openclaw.json").write_text(json.dumps(render_openclaw_json(config)))
    command = [config.node, str(config.openclaw_dir / "openclaw.mjs"), "config", "validate", "--json"]
    done = subprocess.run(
        command, check=False, env=build_environment(config, "t"), capture_output=True, text=True, timeout=120
    )
    assert json.loads(done.stdout)["valid"] is True, done.stdout + done.stderr


def test_only_providers_with_a_key_are_there(tmp_path: Path) -> None:
    assert providers(tmp_path) == {}
    assert list(providers(tmp_path, DEMO_MODEL_URL="http://127.0.0.1:1")) == ["demo"]
    assert set(providers(tmp_path, **ALL_KEYS)) == {"demo", *PROVIDER_KEYS}


def test_a_model_may_think_for_a_quarter_of_an_hour_whoever_provides_it(tmp_path: Path) -> None:
    """OpenClaw aborts a request after 120 s of silence, and asks the model the same again."""
    waits = {name: each["timeoutSeconds"] for name, each in providers(tmp_path, **ALL_KEYS).items()}
    assert waits == dict.fromkeys(("demo", *PROVIDER_KEYS), 900)
    assert render_openclaw_json(read(tmp_path))["agents"]["defaults"]["timeoutSeconds"] == 4 * 3600


def test_openclaw_lets_a_run_go_on_for_longer_than_the_bridge_lets_a_turn(tmp_path: Path) -> None:
    """So it is the bridge that ends it, with a notice; and a model that is silent ends before that, with OpenClaw's."""
    run = render_openclaw_json(read(tmp_path))["agents"]["defaults"]["timeoutSeconds"]
    (silence,) = {each["timeoutSeconds"] for each in providers(tmp_path, **ALL_KEYS).values()}
    assert silence < TurnLimits().seconds < run


def test_no_model_is_asked_for_what_nobody_reads(tmp_path: Path) -> None:
    assert render_openclaw_json(read(tmp_path))["agents"]["defaults"]["utilityModel"] == ""


def test_no_tool_waits_for_an_answer_that_nobody_can_give(tmp_path: Path) -> None:
    assert render_openclaw_json(read(tmp_path))["tools"]["deny"] == ["ask_user"]


def test_a_loop_of_the_same_tool_calls_is_ended_by_openclaw(tmp_path: Path) -> None:
    assert render_openclaw_json(read(tmp_path))["tools"]["loopDetection"] == {"enabled": True}


def test_what_openclaw_kept_of_its_configuration_does_not_win_over_ours(tmp_path: Path) -> None:
    for name in ("openclaw.json.bak", "openclaw.json.last-good", "openclaw.json.clobbered.2026"):
        (tmp_path / name).write_text("{}")
    OpenClaw(read(tmp_path)).prepare_state()
    assert [path.name for path in tmp_path.glob("openclaw.json*")] == ["openclaw.json"]


def test_no_key_is_written_to_disk(tmp_path: Path) -> None:
    assert "sk-test" not in json.dumps(render_openclaw_json(read(tmp_path, **ALL_KEYS)))


def test_one_refusal_does_not_disable_the_demo_model(tmp_path: Path) -> None:
    assert "apiKey" not in providers(tmp_path, DEMO_MODEL_URL="http://127.0.0.1:1")["demo"]


def test_deepseek_does_not_install_a_plugin_at_every_start(tmp_path: Path) -> None:
    assert render_openclaw_json(read(tmp_path, DEEPSEEK_API_KEY="k"))["plugins"]["deny"] == ["deepseek"]
    assert render_openclaw_json(read(tmp_path))["plugins"]["deny"] == []


def test_nothing_runs_or_calls_home_unasked(tmp_path: Path) -> None:
    config = render_openclaw_json(read(tmp_path))
    assert config["agents"]["defaults"]["heartbeat"] == {"every": "0m"}
    assert config["plugins"]["entries"]["memory-core"]["config"]["dreaming"] == {"enabled": False}
    assert config["skills"]["workshop"]["autonomous"] == {"mode": "off"}
    assert (config["telemetry"], config["update"]) == ({"enabled": False}, {"checkOnStart": False})
    assert config["gateway"]["bind"] == "loopback"


def test_a_provider_is_tried_three_times_not_ten() -> None:
    assert render_agent_settings("{}") == {"retry": {"provider": {"maxRetries": 2}}}


def test_other_settings_of_the_embedded_agent_stay() -> None:
    assert render_agent_settings('{"theme": "dark"}')["theme"] == "dark"


@pytest.mark.parametrize("broken", ["", "[]", "{"])
def test_broken_settings_of_the_embedded_agent_are_replaced(broken: str) -> None:
    assert list(render_agent_settings(broken)) == ["retry"]
