"""What an image brings is used where nothing else is, and only there."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from container.agent.checkpoint import fingerprint, renew_checkpoint
from container.agent.config import AgentConfig
from container.agent.node import find_node
from container.agent.openclaw_json import render_openclaw_json, resolve_keys
from container.agent.prebaked import Prebaked
from container.agent.relay import Relay
from container.entrypoint import keep_agents, main


@pytest.fixture
def prebaked(tmp_path: Path) -> Prebaked:
    made = Prebaked(tmp_path / "prebaked")
    made.modules.mkdir(parents=True)
    (made.state / "state").mkdir(parents=True)
    (made.state / "state" / "openclaw.sqlite").write_text("of nobody")
    return made


def test_a_new_agent_gets_the_state_of_a_first_start(prebaked: Prebaked, tmp_path: Path) -> None:
    prebaked.seed(tmp_path / "new")
    assert (tmp_path / "new" / "state" / "openclaw.sqlite").read_text() == "of nobody"


def test_what_was_restored_is_not_touched(prebaked: Prebaked, tmp_path: Path) -> None:
    memory = tmp_path / "restored" / "state" / "openclaw.sqlite"
    memory.parent.mkdir(parents=True)
    memory.write_text("of somebody")
    prebaked.seed(tmp_path / "restored")
    assert memory.read_text() == "of somebody"


def test_compiled_modules_are_found_on_every_processor(prebaked: Prebaked, tmp_path: Path) -> None:
    """By the name that this Node looks for, whatever the builder's was."""
    prebaked.link(find_node(), tmp_path / "cache")
    (link,) = (tmp_path / "cache").iterdir()
    assert link.resolve() == prebaked.modules
    assert link.name.endswith(f"-{os.getuid()}")


def test_without_a_node_that_answers_it_only_starts_slower(
    prebaked: Prebaked, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    prebaked.link("/nowhere/node", tmp_path / "cache")
    assert "takes longer" in caplog.text


def test_the_agents_first_program_forgets_what_is_not_the_agents() -> None:
    given = {
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1",
        "ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/1",
        "BRIDGE_KEY": "00",
        "ANTHROPIC_API_KEY": "sk-1",
        "LLM_MODEL": "anthropic/claude",
    }
    assert keep_agents(given) == {"LLM_MODEL": "anthropic/claude"}


def test_a_role_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], {}) == 2
    assert "wanted one of bridge, agent" in capsys.readouterr().err


def database(state: Path, checkpoint: str) -> Path:
    path = state / "state" / "openclaw.sqlite"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE schema_meta (meta_key TEXT, app_version TEXT)")
        made.execute("INSERT INTO schema_meta VALUES ('primary', '2026.9.6'), ('startup-migrations', ?)", (checkpoint,))
    return path


def checkpoint_in(path: Path) -> str:
    with closing(sqlite3.connect(path)) as found:
        row = found.execute("SELECT app_version FROM schema_meta WHERE meta_key = 'startup-migrations'").fetchone()
    return str(row[0])


def test_another_configuration_keeps_the_rest_of_the_checkpoint(tmp_path: Path) -> None:
    path = database(tmp_path, "2026.9.6\n3\nbuild\nold\nold\nplugins")
    renew_checkpoint(tmp_path, {"a": 1})
    mark = fingerprint({"a": 1})
    assert checkpoint_in(path) == f"2026.9.6\n3\nbuild\n{mark}\n{mark}\nplugins"


@pytest.mark.parametrize("unknown", ["2027.1.1", "2027.1.1\n4\nbuild\nold\nplugins"])
def test_a_checkpoint_of_another_form_is_left_alone(tmp_path: Path, unknown: str) -> None:
    path = database(tmp_path, unknown)
    renew_checkpoint(tmp_path, {"a": 1})
    assert checkpoint_in(path) == unknown


def test_a_database_that_cannot_be_read_is_openclaws_to_judge(tmp_path: Path) -> None:
    path = database(tmp_path, "")
    path.write_bytes(b"no database")
    renew_checkpoint(tmp_path, {})
    renew_checkpoint(tmp_path / "none", {})
    assert path.read_bytes() == b"no database"


def test_the_checkpoint_is_of_the_configuration_as_openclaw_reads_it(tmp_path: Path) -> None:
    environ = {"STATE_DIR": str(tmp_path), "CONTROL_DIR": str(tmp_path), "LLM_MODEL": "deepseek/deepseek-chat"}
    config, relay = AgentConfig.from_env(environ), Relay("http://127.0.0.1:1", 'rt-"1"', "PEM", ("deepseek",))
    resolved = resolve_keys(render_openclaw_json(config, relay), relay)
    assert resolved["models"]["providers"]["deepseek"]["apiKey"] == 'rt-"1"'
