"""What the launcher reads, which model answers, and what keeps it from starting."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from chalicelib.domain.models import DEMO_MODEL, PROVIDERS
from local.checks import NEEDED, check_disk, check_port
from local.config import LocalConfig
from local.errors import AlreadyRunning, DiskProblem, LocalConfigError, PortTaken
from local.programs.lock import held
from local.programs.plans import aws, cloud, demo_model
from local.provider import choose_model
from local.reset import forget

ROOT = Path("/somewhere")


def test_without_a_key_the_demo_model_answers() -> None:
    assert choose_model({"OPENAI_API_KEY": ""}) == DEMO_MODEL.id


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_key_brings_its_providers_model(name: str) -> None:
    provider = PROVIDERS[name]
    assert choose_model({provider.key: "sk-1"}) == provider.models[0].id


def test_the_model_asked_for_wins_when_its_provider_has_a_key() -> None:
    environ = {"ANTHROPIC_API_KEY": "a", "OPENAI_API_KEY": "b", "LLM_MODEL": "openai/gpt-x"}
    assert choose_model(environ) == "openai/gpt-x"


@pytest.mark.parametrize(
    ("environ", "mode"),
    [
        ({}, "full"),
        ({"ANTHROPIC_API_KEY": "a"}, "guarded"),
        ({"ANTHROPIC_API_KEY": "a", "RUNNER": "docker"}, "full"),
        ({"ANTHROPIC_API_KEY": "a", "PERMISSION_MODE": "full"}, "full"),
        ({"PERMISSION_MODE": "guarded"}, "guarded"),
    ],
)
def test_an_agent_with_a_real_model_that_runs_as_you_asks_first(environ: Mapping[str, str], mode: str) -> None:
    config = LocalConfig.from_env(environ, ROOT)
    assert config.permission_mode == mode
    assert {plan.environ["PERMISSION_MODE"] for plan in (aws(config, ""), cloud(config, ""))} == {mode}


@pytest.mark.parametrize(
    "environ",
    [{"PORT": "eighty"}, {"PORT": "70000"}, {"PORT": "80.5"}, {"RUNNER": "vm"}, {"WATCHDOG_SECONDS": "-1"}],
    ids=lambda environ: next(iter(environ.items())),
)
def test_a_wrong_setting_is_named_with_its_value(environ: Mapping[str, str]) -> None:
    ((name, value),) = environ.items()
    with pytest.raises(LocalConfigError, match=f"{name}='{value}' cannot be used"):
        LocalConfig.from_env(environ, ROOT)


def test_provider_keys_reach_the_embedded_aws_alone() -> None:
    config = LocalConfig.from_env({"ANTHROPIC_API_KEY": "sk-1", "AWS_PROFILE": "work", "PATH": "/bin"}, ROOT)
    plans = [demo_model(config), aws(config, "http://demo"), cloud(config, "http://aws")]
    assert ["ANTHROPIC_API_KEY" in plan.environ for plan in plans] == [False, True, False]
    assert not any("AWS_PROFILE" in plan.environ for plan in plans)
    assert all(plan.environ["PATH"] == "/bin" for plan in plans)


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is taken .* PORT="):
            check_port(port)
    check_port(port)


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path) -> None:
    check_disk(tmp_path, lambda _: NEEDED)
    with pytest.raises(DiskProblem, match="full"):
        check_disk(tmp_path, lambda _: NEEDED - 1)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(DiskProblem, match="state cannot be written"):
        check_disk(tmp_path / "state")


def test_one_product_per_folder_and_none_after_its_end(tmp_path: Path) -> None:
    with held(tmp_path / "lock"), pytest.raises(AlreadyRunning, match="already running"), held(tmp_path / "lock"):
        pass
    with held(tmp_path / "lock"):
        pass


def test_a_reset_forgets_everything_but_not_under_a_running_product(tmp_path: Path) -> None:
    (tmp_path / "users" / "owner").mkdir(parents=True)
    (tmp_path / "aws.sqlite").write_text("")
    with held(tmp_path / "lock"), pytest.raises(AlreadyRunning):
        forget(tmp_path)
    forget(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
