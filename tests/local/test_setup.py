"""What stands in the way of an installation is one clear line."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "setup.sh"
TOOLS = "sh dirname mkdir find sort xargs cksum cat date sed rm grep tail id".split()  # noqa: SIM905
# Answers the two questions the script asks a Python, then fails like a command that prints WORDS.
PYTHON = """#!/bin/sh
case "$2" in
*print*) echo VERSION ;;
*exit*) exit TOO_OLD ;;
*) echo "WORDS" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    shutil.copy(SETUP, tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("uv==1\n")
    return tmp_path


def install(python: Path, version: str, too_old: bool, words: str = "") -> None:
    text = PYTHON.replace("VERSION", version).replace("TOO_OLD", str(int(too_old))).replace("WORDS", words)
    python.parent.mkdir(parents=True, exist_ok=True)
    python.write_text(text)
    python.chmod(0o755)


def set_up(
    checkout: Path, version: str, too_old: bool, words: str = "", *what: str
) -> subprocess.CompletedProcess[str]:
    install(checkout / "bin" / "python3", version, too_old, words)
    environ = {"PATH": str(checkout / "bin")}
    command = [str(checkout / "bin" / "sh"), "setup.sh", *what]
    return subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, check=False)


def test_a_python_that_is_too_old_is_named_with_its_place(checkout: Path) -> None:
    ended = set_up(checkout, "3.9", too_old=True)
    assert ended.returncode == 1
    assert ended.stderr == f"Python 3.11 or newer is needed; found 3.9 at {checkout}/bin/python3.\n"


def test_a_deployment_says_why_it_needs_a_newer_python(checkout: Path) -> None:
    ended = set_up(checkout, "3.11", True, "", "deploy")
    why = "functions run on the Python that deploys them"
    assert ended.stderr == (
        f"Python 3.12 or newer is needed to deploy, because {why}; found 3.11 at {checkout}/bin/python3.\n"
    )


def test_a_deployment_replaces_an_environment_that_is_too_old_by_one_of_the_newer_python(checkout: Path) -> None:
    install(checkout / ".venv" / "bin" / "python", "3.11", too_old=True)
    install(checkout / "bin" / "python3.12", "3.12", too_old=False, words="the newer one was asked")
    set_up(checkout, "3.11", True, "", "deploy")
    assert "the newer one was asked" in (checkout / ".make" / "python.log").read_text()
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("npm error code ENOTFOUND", "its registry cannot be reached"),
        ("OSError: No space left on device", "the disk is full"),
        ("ensurepip is not available", "apt install python3-venv"),
        ("something else", "something else"),
    ],
)
def test_a_step_that_fails_is_one_line_with_the_reason_and_the_log(checkout: Path, words: str, reason: str) -> None:
    ended = set_up(checkout, "3.12", too_old=False, words=words)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert reason in ended.stderr
    assert words in (checkout / ".make" / "python.log").read_text()


def test_a_failed_step_is_tried_again(checkout: Path) -> None:
    for _ in range(2):
        assert "Installing Python packages … failed" in set_up(checkout, "3.12", too_old=False).stdout
