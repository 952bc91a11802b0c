"""Lambda: a warm process for each deployed zip, with the function's own environment, instead of moto's Docker."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction

LOOP = Path(__file__).with_name("loop.py")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "function", "AWS_SECRET_ACCESS_KEY": "function"}


class Warm:
    """One function's process, which serves an event at a time."""

    def __init__(self, function: LambdaFunction, surroundings: Mapping[str, str]) -> None:
        self.folder = tempfile.TemporaryDirectory()
        zipfile.ZipFile(io.BytesIO(function.code_bytes)).extractall(self.folder.name)
        environ = {
            "PATH": os.environ["PATH"],
            **CREDENTIALS,
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            **(function.environment_vars or {}),
            **surroundings,
            "_HANDLER": function.handler,
        }
        self.process = subprocess.Popen(
            [sys.executable, LOOP], cwd=self.folder.name, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.lock = threading.Lock()

    def serve(self, event: Any) -> dict[str, Any]:
        assert self.process.stdin
        assert self.process.stdout
        with self.lock:
            self.process.stdin.write(json.dumps(event).encode() + b"\n")
            self.process.stdin.flush()
            answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()
        self.folder.cleanup()


@dataclass
class Workers:
    surroundings: Mapping[str, str] = field(default_factory=dict)  # of all that are begun from now on
    warm: dict[tuple[str, str, str], Warm] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, function: LambdaFunction) -> Warm:
        """Another process for other code or another environment, as on Lambda."""
        variables = json.dumps(function.environment_vars or {}, sort_keys=True)
        key = (function.function_name, function.code_sha_256, variables)
        with self.lock:
            if key not in self.warm:
                self.warm[key] = Warm(function, self.surroundings)
            return self.warm[key]

    def close(self) -> None:
        for each in self.warm.values():
            each.close()


def install() -> Workers:
    workers = Workers()

    def invoke(self: LambdaFunction, event: Any) -> tuple[str, bool, str]:
        answer = workers.of(self).serve({} if event == "{}" else event)
        return json.dumps(answer["payload"]), answer["failed"], ""

    LambdaFunction._invoke_lambda = invoke  # type: ignore[assignment,method-assign]
    return workers
