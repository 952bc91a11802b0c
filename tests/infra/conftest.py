"""Each file of tests has an AWS account of its own, on loopback: an empty `account`, or one that `deployed` has used.

`checkout` is a copy to deploy from.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.http import HttpServer, http_server
from tests.fakes.models import share_models
from tests.infra.driver import KEY, Account, Driver

ROOT = Path(__file__).parent.parent.parent
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "owner", "AWS_SECRET_ACCESS_KEY": "owner", "AWS_DEFAULT_REGION": "us-east-1"}
NOBODY = "nobody"  # is pushed to
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "deployments", "deployed")
share_models()


@pytest.fixture(scope="module")
def sockets() -> Iterator[HttpServer]:
    """What functions push to."""
    with http_server() as server:
        yield server


@pytest.fixture(scope="session")
def unused(tmp_path_factory: pytest.TempPathFactory) -> Iterator[socket.socket]:
    """The input of an account that is only copied."""
    ours, theirs = socket.socketpair()
    environ = {"PATH": os.environ["PATH"], **CREDENTIALS}
    command = [sys.executable, "-m", "tests.infra.account"]
    with (
        (tmp_path_factory.mktemp("account") / "log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, env=environ, stdin=theirs.fileno(), stderr=log),
        ours,
    ):
        theirs.close()
        yield ours


@contextmanager
def copied(account: socket.socket, pushes: str) -> Iterator[tuple[socket.socket, str]]:
    """The input of a copy, and its address."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        socket.send_fds(account, [pushes.encode()], [theirs.fileno()])
        theirs.close()
        endpoint = json.loads(ours.makefile().readline())["endpoint"]
        yield ours, endpoint
        ours.shutdown(socket.SHUT_WR)
        ours.recv(1)  # until it has ended


@contextmanager
def asked(endpoint: str) -> Iterator[Account]:
    """By all clients of boto3, for as long."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}.items():
            patch.setenv(name, value)
        yield Account(endpoint)


@pytest.fixture(scope="module")
def account(unused: socket.socket, sockets: HttpServer) -> Iterator[Account]:
    with copied(unused, sockets.url) as (_, endpoint), asked(endpoint) as account:
        yield account


@pytest.fixture(scope="session")
def original(unused: socket.socket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[socket.socket, Driver]]:
    """A deployment in an account that is only copied, by its input."""
    with copied(unused, NOBODY) as (control, endpoint):
        with asked(endpoint) as account:
            driver = Driver(account, fill(tmp_path_factory.mktemp("original")), answers=["anthropic"], secrets=[KEY])
            driver.deploy()
        yield control, driver


@pytest.fixture(scope="module")
def deployed(
    original: tuple[socket.socket, Driver], sockets: HttpServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Driver]:
    """Who has just deployed, in an account and from a checkout of the file's own."""
    control, driver = original
    checkout = shutil.copytree(driver.checkout, tmp_path_factory.mktemp("deployed") / "checkout")
    with copied(control, sockets.url) as (_, endpoint), asked(endpoint) as account:
        yield driver.moved(account, checkout)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("checkout"))


def fill(copy: Path) -> Path:
    for name in ("app.py", "requirements.txt", ".dockerignore"):
        shutil.copy(ROOT / name, copy)
    for name in ("chalicelib", ".chalice", "container", "requirements"):
        shutil.copytree(ROOT / name, copy / name, ignore=LEFT_OUT)
    page = copy / "frontend" / "dist"
    (page / "assets").mkdir(parents=True)
    (page / "assets" / "index-abc123.js").write_text("0")
    (page / "index.html").write_text("<!doctype html>")
    return copy
