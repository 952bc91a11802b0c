"""The app: configuration from the stacks, `chalice deploy`, what it leaves to do at the APIs, what is deployed kept."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

from chalicelib.domain.refusals import TEMPLATES
from infra.adapters.buckets import Upload
from infra.adapters.git import Checkout
from infra.chalice import RESERVED, adopt, can_reserve, fill, text
from infra.context import StepContext
from infra.errors import DeployFailed, DriverError

CONFIG = ".chalice/config.json"
HERE = Path(__file__).parents[2]
CLEAN = f"PYTHONPATH={shlex.quote(str(HERE))} {shlex.quote(sys.executable)} -m infra.chalice"
API_STAGE = "api"  # API Gateway's, of both APIs
KEPT = "driver/deployed-{stage}.json"  # in the data bucket, so that another machine can go on


def deploy_app(context: StepContext) -> None:
    outputs = context.outputs()
    config = context.root / CONFIG
    write(config, fill(read(config) or {}, context.names, outputs, reserve=_reserves(context)))
    Checkout(context.root).keep_clean(CONFIG, CLEAN)
    deployed = deployed_path(context)
    known = read(deployed) or _kept(context, outputs["DataBucket"])
    write(deployed, adopt(known, outputs))
    try:
        context.programs.chalice(context.names.stage, context.detail)
    except DriverError as error:
        raise DeployFailed(str(error)) from error
    body = deployed.read_bytes()
    upload = Upload(KEPT.format(stage=context.names.stage), body, "application/json", "no-store")
    context.aws.buckets.put(outputs["DataBucket"], upload)


def _reserves(context: StepContext) -> bool:
    if can_reserve(context.aws.functions.unreserved(f"{context.names.stack}-{each}" for each in RESERVED)):
        return True
    context.detail("No functions are reserved: the account may run too few at once. Ask for 1,000 in Service Quotas.")
    return False


def publish_socket(context: StepContext) -> None:
    outputs = context.outputs()
    context.aws.apis.publish(outputs["SocketApiId"], API_STAGE)
    context.aws.apis.shape_refusals(outputs["RestApiId"], API_STAGE, TEMPLATES)
    context.aws.apis.throttle(outputs["RestApiId"], API_STAGE)


def deployed_path(context: StepContext) -> Path:
    return context.root / ".chalice" / "deployed" / f"{context.names.stage}.json"


def read(path: Path) -> dict[str, Any] | None:
    """None when there is none, or what a run that was killed left is no JSON."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return found


def write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(text(content))
    draft.replace(path)


def _kept(context: StepContext, bucket: str) -> dict[str, Any] | None:
    body = context.aws.buckets.get(bucket, KEPT.format(stage=context.names.stage))
    return json.loads(body) if body else None
