"""`python -m local.aws`: opens the store, serves the services on a free loopback port, runs tasks."""

from __future__ import annotations

import os
import sys
from typing import Any

import boto3

from chalicelib.adapters.tables import create_tables
from local.aws import dynamodb, s3
from local.aws.access import Access
from local.aws.config import AwsConfig
from local.aws.containers import contained
from local.aws.definition import Definition
from local.aws.ecs import Ecs, application
from local.aws.forms import make_bucket
from local.aws.front import build
from local.aws.journal import Journal
from local.aws.outage import TASKS_SIGN
from local.aws.runner import TaskRunner
from local.aws.secrets import put_secrets
from local.aws.task import AGENT, BRIDGE
from local.errors import LocalError
from local.guard import Guard
from local.names import AWS_ENVIRONMENT, REGION, TABLE_PREFIX
from local.programs.service import report_ready, set_up_logging, wait_for_end
from local.store import SqliteStore, store_path
from local.web import Server

THREADS = 24
BRIDGE_TIMEOUT = 5  # of the 10 s that the whole product has to end


def main(config: AwsConfig) -> None:
    store = SqliteStore(store_path(config.state))
    dynamodb.install(store)
    s3.install(store)
    server = Server(0, THREADS)
    options = client_options(config, server.url)
    ssm = boto3.client("ssm", **options)
    runner = TaskRunner(_definition(config, server.url), Journal(store))
    access = Access(config.aws_keys, config.origin)
    served = build(store, application(Ecs(runner, config.state / TASKS_SIGN)), config.state, access, config.session)
    server.serve(served, Guard(frozenset({config.origin} - {""}), linked=True))
    put_secrets(ssm, config.keys, config.telegram)
    create_tables(boto3.client("dynamodb", **options), TABLE_PREFIX)
    make_bucket(boto3.client("s3", **options), config.origin)
    report_ready(endpoint=server.url)
    wait_for_end()
    runner.close(BRIDGE_TIMEOUT)
    server.stop()
    store.close()


def client_options(config: AwsConfig, endpoint: str) -> Any:
    keys = {"aws_access_key_id": config.aws_keys.id, "aws_secret_access_key": config.aws_keys.secret}
    return {"endpoint_url": endpoint, "region_name": REGION, **keys}


def _definition(config: AwsConfig, endpoint: str) -> Definition:
    # Ctrl-C cannot wait for a long answer as Fargate's 120 s do: the bridge is told how little time it has.
    aws = {**AWS_ENVIRONMENT, "AWS_ENDPOINT_URL": endpoint, "STOP_TIMEOUT_SECONDS": str(BRIDGE_TIMEOUT)}
    # Node would look in /tmp, where another account of this machine may have put compiled modules of its own.
    modules = {} if config.docker else {"MODULE_CACHE": str(config.root / ".make" / "modules")}
    definition = Definition(
        root=config.root,
        state=config.state,
        logs=config.state / "logs",
        basics=config.basics,
        environment={BRIDGE: {**config.bridge, **aws}, AGENT: {**config.agent, **modules}},
    )
    return contained(definition, config.docker) if config.docker else definition


if __name__ == "__main__":
    chosen = AwsConfig.from_env(os.environ)
    set_up_logging(chosen.log_level)
    try:
        main(chosen)
    except LocalError as error:
        sys.exit(str(error))
