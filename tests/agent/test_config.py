from datetime import timedelta
from pathlib import Path

import pytest

from container.agent.config import AgentConfig, AgentConfigError
from container.agent.environment import build_environment
from container.agent.relay import Relay

LEAST = {"STATE_DIR": "/state", "CONTROL_DIR": "/control", "LLM_MODEL": "demo/demo-1", "NODE": "/opt/node/bin/node"}


def read(**environ: str) -> AgentConfig:
    return AgentConfig.from_env({**LEAST, **environ})


def test_three_variables_are_enough() -> None:
    config = read()
    assert (config.gateway_port, config.state_dir, config.model) == (18789, Path("/state"), "demo/demo-1")
    assert config.openclaw_dir == Path("container/node_modules/openclaw").absolute()
    assert config.stop_budget == timedelta(seconds=100)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("STATE_DIR", "", "STATE_DIR is missing"),
        ("CONTROL_DIR", "", "CONTROL_DIR is missing"),
        ("LLM_MODEL", "gpt-5", "LLM_MODEL is 'gpt-5': wanted provider/model"),
        ("GATEWAY_PORT", "70000", "GATEWAY_PORT is '70000'"),
        ("GATEWAY_PORT", "http", "GATEWAY_PORT is 'http'"),
        ("STOP_BUDGET_SECONDS", "long", "STOP_BUDGET_SECONDS is 'long'"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_wanted(name: str, value: str, complaint: str) -> None:
    with pytest.raises(AgentConfigError, match=complaint):
        read(**{name: value})


def test_node_is_found_where_none_is_named() -> None:
    assert Path(read(NODE="").node).name == "node"


def test_openclaw_sees_a_token_in_the_place_of_each_key_and_none_of_our_secrets() -> None:
    secrets = {"BRIDGE_KEY": "k", "AWS_SECRET_ACCESS_KEY": "a", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/u"}
    config = read(ANTHROPIC_API_KEY="sk-a", OPENAI_API_KEY="sk-o", LANG="C.UTF-8", **secrets)
    environ = build_environment(config, "token", Relay("http://127.0.0.1:1", "rt-1", "PEM", ("anthropic",)))
    assert environ["ANTHROPIC_API_KEY"] == "rt-1"
    assert environ["NODE_EXTRA_CA_CERTS"] == "/control/relay.pem"
    assert "sk-" not in str(environ)
    assert environ["LANG"] == "C.UTF-8"
    assert "OPENAI_API_KEY" not in environ
    assert not [name for name in environ if name.startswith(("AWS_", "BRIDGE_", "ECS_"))]


def test_openclaw_is_told_to_leave_schedules_alone_when_its_start_says_so() -> None:
    assert build_environment(read(OPENCLAW_SKIP_CRON="1"), "token")["OPENCLAW_SKIP_CRON"] == "1"
    assert "OPENCLAW_SKIP_CRON" not in build_environment(read(), "token")


def test_openclaw_keeps_everything_in_the_state_folder() -> None:
    environ = build_environment(read(), "token")
    assert environ["OPENCLAW_STATE_DIR"] == "/state"
    assert environ["OPENCLAW_CONFIG_PATH"] == "/state/openclaw.json"
    assert environ["HOME"] == "/state/home"
    assert environ["OPENCLAW_GATEWAY_TOKEN"] == "token"


def test_the_commands_of_the_agent_find_the_node_that_runs_it() -> None:
    assert build_environment(read(PATH="/usr/bin"), "token")["PATH"] == "/opt/node/bin:/usr/bin"
    assert build_environment(read(PATH="/usr/bin", NODE="node"), "token")["PATH"] == "/usr/bin"
