"""`python -m local.cloud`: the page, the API, the sign-in and the push endpoint on PORT, the socket on PORT + 1."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime, timedelta
from typing import cast
from wsgiref.types import WSGIApplication

import boto3

from local.aws.access import Access, keyed
from local.cloud import connections
from local.cloud.admission import Admission, address_path
from local.cloud.config import CloudConfig
from local.cloud.edge import Edge
from local.cloud.environment import FunctionClients
from local.cloud.environments import Account, Environments, deployed
from local.cloud.front import mounted
from local.cloud.headers import with_headers
from local.cloud.notice import refuse
from local.cloud.oidc import OidcApp, OidcProvider
from local.cloud.page import PageHost
from local.cloud.rest import RestApi
from local.cloud.revoked import RevokedSignIns, revoked_path
from local.cloud.signing import Signer, key_path, load_key
from local.cloud.sockets import SocketGateway
from local.cloud.ticker import Ticker, timers
from local.errors import LocalError
from local.guard import Guard
from local.names import STAGE
from local.programs.service import report_ready, set_up_logging, wait_for_end
from local.web import Server

THREADS = 48
CLIENTS = ("dynamodb", "ecs", "ssm", "s3", "sts", "apigatewaymanagementapi")


def main(config: CloudConfig) -> None:
    clients = FunctionClients()
    clients.warm_up(CLIENTS)
    boto3.DEFAULT_SESSION = cast("boto3.session.Session", clients)  # what the app uses
    account = Account(deployed(config.root / ".chalice" / "config.json"), config.aws_keys, config.state)
    environments = Environments(config.root / "app.py", account=account)
    signer = Signer(load_key(key_path(config.state)), config.issuer)
    gateway, server = SocketGateway(environments), Server(config.port, THREADS)
    guard = Guard(frozenset({config.origin}))
    gateway.start(config.socket_port, guard)
    provider = OidcProvider(
        signer,
        config.origin,
        lambda: datetime.now(UTC),
        RevokedSignIns(revoked_path(config.state)),
        timedelta(seconds=config.token_seconds),
    )
    admission = Admission(address_path(config.state), config.origin)
    parts: dict[str, WSGIApplication] = {
        "/oidc": OidcApp(provider, admission.admits),
        "/sign-in": admission,
        f"/{STAGE}/@connections": keyed(connections.application(gateway), Access(config.aws_keys), connections.asked),
    }
    page = PageHost(config, config.root / "frontend" / "dist")
    api = RestApi(environments.declared, environments, signer, gateway.limits.rate)
    served = mounted(parts, Edge({"api": api, "page": page}))
    server.serve(with_headers(served, page.headers), guard, refuse)
    ticker = Ticker(environments.invoke, timers(environments.declared, config.watchdog_seconds), config.state)
    ticker.start()
    report_ready(page=config.origin, socket=config.socket_url, address=admission.address)
    wait_for_end()
    ticker.stop()
    gateway.close()
    server.stop()
    environments.close()


if __name__ == "__main__":
    chosen = CloudConfig.from_env(os.environ)
    set_up_logging(chosen.log_level)
    try:
        main(chosen)
    except LocalError as error:
        sys.exit(str(error))
