"""The embedded AWS as a process of its own: what is tested is what runs."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local.aws.keys import AwsKeys
from local.names import AWS_ENVIRONMENT, REGION
from local.programs.process import ChildProcess

ROOT = Path(__file__).parents[2]
KEYS = AwsKeys.new()


class EmbeddedAws:
    """`python -m local.aws` on a state folder; clients for it."""

    def __init__(self, state: Path, **environ: str) -> None:
        self.state = state
        places = {"LOCAL_ROOT": str(ROOT), "LOCAL_STATE": str(state), "PATH": os.environ["PATH"]}
        self.environ: Mapping[str, str] = {**places, **AWS_ENVIRONMENT, **KEYS.environ(), **environ}
        self.start()

    def start(self) -> None:
        log = self.state / "aws.log"
        self._process = ChildProcess([sys.executable, "-m", "local.aws"], self.environ, ROOT, log, piped=True)
        line = self._process.output.readline()
        assert line, log.read_text()
        self.endpoint = json.loads(line)["endpoint"]

    def client(self, service: str, **own: str) -> Any:
        """`own`: other keys than those of the run, as boto3 takes them."""
        make: Any = boto3.client
        keys = own or {"aws_access_key_id": KEYS.id, "aws_secret_access_key": KEYS.secret}
        once = Config(retries={"total_max_attempts": 1})
        return make(service, endpoint_url=self.endpoint, region_name=REGION, config=once, **keys)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.output.close()

    def end(self) -> int | None:
        code = self._process.end(9)
        self._process.output.close()
        return code


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    running = EmbeddedAws(tmp_path_factory.mktemp("aws"))
    yield running
    running.end()
