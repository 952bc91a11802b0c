"""What goes to Lambda: app.py and chalicelib, small, packed without an account or a network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent.parent
MEGABYTE = 1024 * 1024
ENVIRONMENT = {"AWS_DEFAULT_REGION": "eu-central-1", "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packed from a copy, so that the checkout stays as it is."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("app.py", "requirements.txt"):
        shutil.copy(ROOT / name, copy)
    for name in ("chalicelib", ".chalice", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "deployments"))
    chalice = Path(sys.executable).parent / "chalice"
    done = subprocess.run(
        [chalice, "package", "out"], cwd=copy, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return copy / "out"


def test_the_zip_is_small(package: Path) -> None:
    assert (package / "deployment.zip").stat().st_size <= MEGABYTE


def test_the_zip_holds_what_runs_and_nothing_else(package: Path) -> None:
    with ZipFile(package / "deployment.zip") as archive:
        names = set(archive.namelist())
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "chalicelib").rglob("*.py")}
    assert {"app.py", *ours} <= names
    assert {name.split("/")[0] for name in names} <= {"app.py", "chalicelib", "chalice"}


def test_every_event_has_its_function(package: Path) -> None:
    resources = json.loads((package / "sam.json").read_text())["Resources"]
    functions = {name for name, each in resources.items() if each["Type"] == "AWS::Serverless::Function"}
    assert functions == {"APIHandler", "Watchdog", "WebsocketConnect", "WebsocketMessage", "WebsocketDisconnect"}


def test_app_is_imported_without_an_environment() -> None:
    code = "import sys, app; assert not {'boto3', 'botocore'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
