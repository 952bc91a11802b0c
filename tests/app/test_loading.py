"""Where Lambda loads the program it makes the clients at once; where it is packaged, it makes none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import botocore
import pytest

from bench.lambda_side import ENVIRONMENT

ROOT = Path(__file__).parents[2]
MADE = """
import json, app
made = app.services.cache_info().currsize and [
    name for name in ("store", "tasks", "push") if "client" in vars(getattr(app.services().outside, name))
]
print(json.dumps(made))
"""


@pytest.mark.parametrize(
    ("where", "made"),
    [({"AWS_LAMBDA_FUNCTION_NAME": "api"}, ["store", "tasks", "push"]), ({}, 0)],
    ids=["Lambda", "here"],
)
def test_clients_are_made_while_lambda_loads_the_program(where: dict[str, str], made: object) -> None:
    environ = {**ENVIRONMENT, **where, "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", MADE], cwd=ROOT, env=environ, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == made
    told = f"AWS's library is boto3 {boto3.__version__}, botocore {botocore.__version__}"
    assert (told in done.stdout + done.stderr) is bool(made)
