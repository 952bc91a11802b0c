"""Settings and adapters become a bridge; the only place of this program that chooses implementations."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

from chalicelib.adapters.apigateway import SocketPush
from chalicelib.adapters.dynamodb import DynamoStore
from container.bridge.certificate import Identity, create_identity
from container.bridge.delivery import Deliveries
from container.bridge.gateway import OpenClawGateway
from container.bridge.lifecycle import Lifecycle, Place
from container.bridge.rows import Rows
from container.bridge.settings import BridgeSettings
from container.bridge.supervisor import ControlFolder
from container.bridge.threads import Threads
from container.bridge.turns import Turns

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

VERSION = "1"


def _sockets(endpoint: str) -> ApiGatewayManagementApiClient:
    return boto3.client("apigatewaymanagementapi", endpoint_url=endpoint)


def now() -> datetime:
    return datetime.now(UTC)


class Bridge:
    """All parts of one bridge, put together."""

    def __init__(self, settings: BridgeSettings) -> None:
        self.identity: Identity = create_identity(now())
        token = secrets.token_hex(32)
        supervisor = ControlFolder(settings.control_dir, token)
        rows = Rows.over(DynamoStore(lambda: boto3.client("dynamodb"), settings.table_prefix), time.sleep)
        push = SocketPush(lambda: _sockets(settings.websocket_callback_url), time.sleep)
        gateway = OpenClawGateway(f"ws://127.0.0.1:{settings.gateway_port}", token, on_hang=supervisor.restart)
        deliveries = Deliveries(settings.user_id, rows, push, now)
        self.turns = Turns(settings.epoch, rows, deliveries, gateway, Threads(), now)
        place = Place(settings.user_id, settings.epoch, settings.address, self.identity.sha256)
        self.lifecycle = Lifecycle(place, rows, self.turns, supervisor, settings.idle, settings.stop_seconds)

    def ring(self) -> None:
        self.turns.ring()

    def shut_down(self) -> None:
        self.lifecycle.request_stop("asked to shut down")

    def status(self) -> dict[str, Any]:
        return {
            "state": "stopping" if self.lifecycle.reason else "running",
            "stage": self.lifecycle.stage.value,
            "inflight": self.turns.inflight,
            "versions": {"bridge": VERSION},
        }
