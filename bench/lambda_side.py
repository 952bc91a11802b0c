"""The Lambda side: import of app.py and first event in a fresh interpreter, and the size of the deployed zip.

Run it as `python -m bench.lambda_side [runs]`. Events go to an AWS that refuses connections at once, so that what is
measured is our own work and the making of clients, not a network.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.report import milliseconds, verdict

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {
    "STAGE": "dev",
    "S3_DATA_BUCKET": "bucket",
    "ECS_CLUSTER_ARN": "cluster",
    "TASK_DEFINITION_ARN": "definition",
    "SUBNET_IDS": "subnet",
    "SECURITY_GROUP_IDS": "group",
    "WEBSOCKET_CALLBACK_URL": "http://127.0.0.1:9",
    "WEB_ORIGIN": "http://localhost",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_MAX_ATTEMPTS": "1",  # boto3 would try for seconds
}
PROGRAM = """
import sys, time
began = time.perf_counter()
import app
imported = time.perf_counter() - began
context = {"connectionId": "c", "apiId": "a", "stage": "s", "routeKey": "$connect", "domainName": "d"}
headers = {"Origin": "http://localhost", "Sec-WebSocket-Protocol": "openclaw.v1, ticket.t"}
event = {"requestContext": context, "headers": headers, "isBase64Encoded": False}
if sys.argv[1] == "rest":
    request = {"httpMethod": "GET", "path": "/nothing", "resourcePath": "/nothing"}
    app.app({"requestContext": request, "headers": {}, "multiValueQueryStringParameters": None, "pathParameters": None,
             "stageVariables": None, "body": None, "isBase64Encoded": False}, None)
else:
    from botocore.exceptions import EndpointConnectionError
    try:
        app.websocket_connect(event, None)
    except EndpointConnectionError:
        pass
print(imported, time.perf_counter() - began)
"""


def main(runs: int) -> None:
    _warm_up("rest", "socket")
    bare = [_run("rest") for _ in range(runs)]
    clients = [_run("socket") for _ in range(runs)]
    loaded = [_run("socket", AWS_LAMBDA_FUNCTION_NAME="function") for _ in range(runs)]
    events = [[total - imported for imported, total in each] for each in (clients, loaded)]
    milliseconds("first event, clients made by it", events[0])
    milliseconds("first event, clients made while loading", events[1])
    print(f"{'ratio of the medians':<46} {median(events[1]) / median(events[0]):.2f}    n={runs}")
    milliseconds("import of app.py", [imported for imported, _ in bare])
    milliseconds("import + first event without a client", [total for _, total in bare])
    milliseconds("import + first event with a DynamoDB client", [total for _, total in clients])
    verdict("without AWS clients, median", median(total for _, total in bare) * 1000, 60, "ms")
    verdict("with AWS clients, median", median(total for _, total in clients) * 1000, 300, "ms")
    verdict("zip", _package() / 1e6, 1, "MB")


def _warm_up(*kinds: str) -> None:
    """Fills the byte code and disk caches."""
    for kind in kinds:
        _run(kind)


def _run(kind: str, **more: str) -> tuple[float, float]:
    environment = {**ENVIRONMENT, "PATH": os.environ["PATH"], **more}
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, kind], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    imported, total = answer.stdout.split()
    return float(imported), float(total)


def _package() -> int:
    """Bytes of the zip that `chalice package` makes."""
    with tempfile.TemporaryDirectory() as folder:
        chalice = Path(sys.executable).with_name("chalice")
        command = [str(chalice), "package", "--stage", "dev", folder]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **ENVIRONMENT}, check=True, capture_output=True)
        return (Path(folder) / "deployment.zip").stat().st_size


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
