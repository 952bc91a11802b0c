"""`account` is an AWS account of its own, on loopback, for the tests of one file; `checkout` a copy to deploy from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.http import HttpServer, http_server
from tests.infra.driver import Account

ROOT = Path(__file__).parent.parent.parent
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "owner", "AWS_SECRET_ACCESS_KEY": "owner", "AWS_DEFAULT_REGION": "us-east-1"}
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "deployments", "deployed")


@pytest.fixture(scope="module")
def sockets() -> Iterator[HttpServer]:
    """What functions push to."""
    with http_server() as server:
        yield server


@pytest.fixture(scope="module")
def account(sockets: HttpServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    environ = {"PATH": os.environ["PATH"], **CREDENTIALS, "SOCKETS_URL": sockets.url}
    command = [sys.executable, "-m", "tests.infra.account"]
    with (
        (tmp_path_factory.mktemp("account") / "log").open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
        ) as process,
        pytest.MonkeyPatch.context() as patch,
    ):
        assert process.stdout
        endpoint = json.loads(process.stdout.readline())["endpoint"]
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}.items():
            patch.setenv(name, value)
        yield Account(endpoint)
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("app.py", "requirements.txt", ".dockerignore"):
        shutil.copy(ROOT / name, copy)
    for name in ("chalicelib", ".chalice", "container", "requirements"):
        shutil.copytree(ROOT / name, copy / name, ignore=LEFT_OUT)
    page = copy / "frontend" / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "assets" / "index-abc123.js").write_text("0")
    (page / "index.html").write_text("<!doctype html>")
    return copy
