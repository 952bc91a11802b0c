"""A stage that nobody has foreseen: deployed, deployed again by plain chalice, and no change for Git."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.adapters.git import Checkout
from infra.chalice import emptied, fill
from infra.names import StageNames
from infra.steps.app import CLEAN, CONFIG
from tests.infra.driver import KEY, Account, Driver
from tests.infra.templates import INFRA, NAMES, template

STAGE = "lab7"
TRACKED = json.loads((INFRA.parent / CONFIG).read_text())
OUTPUTS = {name: f"value-of-{name}" for each in NAMES for name in template(each)["Outputs"]}


def git(place: Path, *words: str) -> str:
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.com"]
    return subprocess.run(["git", *who, *words], cwd=place, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def repository(checkout: Path) -> Path:
    shutil.copy(INFRA.parent / ".gitignore", checkout)
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "as it was cloned")
    return checkout


@pytest.fixture(scope="module")
def driver(account: Account, repository: Path) -> Driver:
    driver = Driver(account, repository, answers=["anthropic"], secrets=[KEY], stage=STAGE, rests=False)
    driver.deploy()
    return driver


def roles(driver: Driver) -> set[str]:
    return {each["Role"] for each in driver.account.client("lambda").list_functions()["Functions"]}


def test_a_stage_of_any_name_is_deployed(driver: Driver) -> None:
    functions = driver.account.client("lambda").list_functions()["Functions"]
    assert {each["FunctionName"] for each in functions} == set(StageNames(STAGE).functions)
    sizes = {each["FunctionName"]: each["MemorySize"] for each in functions}
    assert sizes[f"serverless-openclaw-{STAGE}"] == TRACKED["lambda_functions"]["api_handler"]["lambda_memory_size"]


def test_what_git_tracks_is_clean_after_a_deploy(driver: Driver) -> None:
    driver.deploy()
    assert git(driver.checkout, "status", "--porcelain") == ""
    assert "123456789012" in (driver.checkout / CONFIG).read_text()
    git(driver.checkout, "add", "--all")
    assert git(driver.checkout, "diff", "--cached", "--name-only") == ""


def test_plain_chalice_deploys_the_app_again_after_it(driver: Driver) -> None:
    before = roles(driver)
    assert len(before) == 5
    (driver.checkout / "chalicelib" / "changed.py").write_text('"""A change of the app alone."""\n')
    driver.context("status").programs.run(["chalice", "deploy", "--stage", STAGE], lambda _: None)
    assert roles(driver) == before


@pytest.mark.parametrize("stage", ["prod", STAGE, "other"])
def test_chalice_packages_a_fresh_checkout_for_any_stage(driver: Driver, tmp_path: Path, stage: str) -> None:
    git(tmp_path, "clone", "-q", str(driver.checkout), "fresh")
    chalice = [str(Path(sys.executable).with_name("chalice")), "package", "--stage", stage, str(tmp_path / "out")]
    subprocess.run(chalice, cwd=tmp_path / "fresh", check=True, capture_output=True)
    made = json.loads((tmp_path / "out" / "sam.json").read_text())
    assert (
        made["Resources"]["APIHandler"]["Properties"]["MemorySize"]
        == TRACKED["lambda_functions"]["api_handler"]["lambda_memory_size"]
    )


def test_a_newer_release_of_the_file_comes_by_git_pull(driver: Driver, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(driver.checkout), "release")
    newer = {**TRACKED, "lambda_memory_size": 1024}
    (tmp_path / "release" / CONFIG).write_text(json.dumps(newer, indent=2) + "\n")
    git(tmp_path / "release", "commit", "-qam", "more memory")
    git(driver.checkout, "pull", "-q", str(tmp_path / "release"))
    assert emptied(json.loads((driver.checkout / CONFIG).read_text())) == newer


@pytest.mark.parametrize("theirs", [{}, {"lab7": {"lambda_functions": {"watchdog": {"lambda_memory_size": 300}}}}])
def test_what_somebody_wrote_into_a_stage_is_a_change_and_what_a_deploy_writes_is_not(theirs: dict[str, Any]) -> None:
    config = {**TRACKED, **({"stages": theirs} if theirs else {})}
    assert emptied(fill(fill(config, StageNames(STAGE), OUTPUTS), StageNames("dev"), OUTPUTS)) == config


def test_a_checkout_without_git_is_left_as_it_is(tmp_path: Path) -> None:
    Checkout(tmp_path).keep_clean(CONFIG, CLEAN)
    assert list(tmp_path.iterdir()) == []
