"""What stands in the way of an installation is one clear line."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.preflight import NEWEST, OLDEST

SETUP = Path(__file__).parents[2] / "setup.sh"
TOOLS = "sh dirname mkdir find sort xargs cksum cat date sed rm grep tail id ls chmod".split()  # noqa: SIM905
# Answers the two questions the script asks a Python, then fails like a command that prints WORDS.
PYTHON = """#!/bin/sh
case "$2" in
*print*) echo VERSION ;;
*exit*) exit TOO_OLD ;;
*) echo "WORDS" >&2; exit 1 ;;
esac
"""

UV = """#!/bin/sh
[ "$1 $2 $3 $4" = "python install --no-bin 3.12" ] || exit 1
mkdir -p "$UV_PYTHON_INSTALL_DIR/cpython-3.12.9/bin"
cat fetched >"$UV_PYTHON_INSTALL_DIR/cpython-3.12.9/bin/python3.12"
chmod 755 "$UV_PYTHON_INSTALL_DIR/cpython-3.12.9/bin/python3.12"
"""
FETCHING = "No fitting Python is here: fetching 3.12."
NO_NETWORK = "dns error: failed to lookup address"
NOT_FETCHED = "3.12 cannot be fetched: its registry cannot be reached, look at the network or the proxy."


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
    ended = set_up(checkout, "3.9", True, NO_NETWORK)
    assert ended.returncode == 1
    found = f"found 3.9 at {checkout}/bin/python3"
    assert ended.stderr.splitlines() == [FETCHING, f"Python 3.11 or newer is needed; {found}, and {NOT_FETCHED}"]


def test_a_deployment_says_why_it_needs_a_newer_python(checkout: Path) -> None:
    ended = set_up(checkout, "3.11", True, NO_NETWORK, "deploy")
    assert ended.stderr.splitlines()[1:] == [
        "Python 3.12 to 3.15 is needed to deploy, because functions run on the Python that deploys them; "
        f"found 3.11 at {checkout}/bin/python3, and {NOT_FETCHED}"
    ]


@pytest.mark.parametrize("place", [".venv/bin", "bin"])
def test_a_python_that_fits_is_fetched_by_uv_where_there_is_none(checkout: Path, place: str) -> None:
    """Into the checkout; it is asked to make the environment."""
    fetched = checkout / "fetched"
    install(fetched, "3.12", too_old=False, words="the fetched one was asked")
    uv = checkout / place / "uv"
    uv.parent.mkdir(parents=True, exist_ok=True)
    uv.write_text(UV)
    uv.chmod(0o755)
    ended = set_up(checkout, "3.16", True, "", "deploy")
    assert ended.stderr.splitlines()[0] == FETCHING
    assert "the fetched one was asked" in (checkout / ".make" / "python.log").read_text()


@pytest.mark.parametrize(("version", "fits"), [((3, 11), False), ((3, 12), True), ((3, 15), True), ((3, 16), False)])
def test_only_what_lambda_runs_fits_a_deployment(version: tuple[int, int], fits: bool) -> None:
    """The script's own expression, with another version in it: no such Pythons are at hand."""
    (code,) = re.findall(r'"import sys; sys\.exit\((.*)\)"', SETUP.read_text())
    oldest, newest = re.findall(r"^ +oldest=(\d+) newest=(\d+)", SETUP.read_text(), re.MULTILINE)[0]
    asked = code.replace("$oldest", oldest).replace("$newest", newest).replace("sys.version_info[:2]", str(version))
    assert eval(asked) is not fits
    assert ((3, int(oldest)), (3, int(newest))) == (OLDEST, NEWEST)


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
