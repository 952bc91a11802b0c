"""Settings and adapters become a bridge; the only place of this program that chooses implementations."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from chalicelib.adapters.apigateway import SocketPush, connect
from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.s3 import S3Objects
from chalicelib.adapters.ssm import SsmSecrets
from chalicelib.adapters.telegram import BotApi
from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.telegram import CHANNEL, TOKEN
from chalicelib.tables.backup_requests import BackupRequests
from chalicelib.tables.rows import Rows
from container.bridge.backup.backups import Backups
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.reports import RowTalk
from container.bridge.config import BridgeConfig
from container.bridge.credentials import EnvironmentCredentials, IssuedCredentials, open_credentials
from container.bridge.http.certificate import Identity, create_identity
from container.bridge.life.lifecycle import Lifecycle, Place
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.openclaw.supervisor import ControlFolder
from container.bridge.telegram.channel import TelegramChannel
from container.bridge.telegram.courier import Courier
from container.bridge.threads import AT_ONCE, Threads, at_once
from container.bridge.turns.channels import Channels
from container.bridge.turns.delivery import Deliveries
from container.bridge.turns.scheduler import Turns

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VERSION = "1"


def _bucket(credentials: IssuedCredentials | EnvironmentCredentials) -> S3Client:
    """From a session of its own: it is made by the thread that restores, beside the others."""
    timeout = Config(max_pool_connections=AT_ONCE, connect_timeout=5, read_timeout=20, retries={"mode": "standard"})
    return credentials.session().client("s3", config=timeout)


def now() -> datetime:
    return datetime.now(UTC)


class Bridge:
    """All parts of one bridge, put together."""

    def __init__(self, settings: BridgeConfig) -> None:
        credentials = open_credentials(settings, now, time.sleep, lambda: secrets.token_hex(16))
        boto3.DEFAULT_SESSION = credentials.session()
        self.identity: Identity = create_identity(now())
        token = secrets.token_hex(32)
        supervisor = ControlFolder(settings.control_dir, token)
        rows = Rows.over(DynamoStore(lambda: boto3.client("dynamodb"), settings.table_prefix), time.sleep)
        push = SocketPush(lambda: connect(settings.websocket_callback_url), time.sleep)
        url = f"ws://127.0.0.1:{settings.gateway_port}"
        gateway = OpenClawGateway(url, token, on_hang=supervisor.restart, on_change=self.look)
        deliveries = Deliveries(settings.user_id, rows, push, now, _channels(settings, rows, credentials))
        self.backups = _backups(settings, deliveries, credentials)
        self.turns = Turns(settings.epoch, rows, deliveries, gateway, Threads(), now)
        place = Place(
            settings.user_id, settings.epoch, _published(settings.address, credentials.host), self.identity.sha256
        )
        self.lifecycle = Lifecycle(
            place, rows, self.turns, supervisor, self.backups, settings.idle, settings.stop_seconds
        )

    def ring(self) -> None:
        self.turns.ring()
        self.backups.ring()

    def look(self) -> None:
        self.lifecycle.look()

    def shut_down(self) -> None:
        self.lifecycle.request_stop("asked to shut down")

    def status(self) -> dict[str, Any]:
        return {
            "state": "stopping" if self.lifecycle.reason else "running",
            "stage": self.lifecycle.stage.value,
            "inflight": self.turns.inflight,
            "versions": {"bridge": VERSION},
        }


def _published(address: str, host: str) -> str:
    """Where the doorbell is: a task listens on all its addresses, and others reach it at the one the cloud saw."""
    return f"{host}:{address.rpartition(':')[2]}" if host else address


def _channels(settings: BridgeConfig, rows: Rows, credentials: IssuedCredentials | EnvironmentCredentials) -> Channels:
    kept = SsmSecrets(lambda: credentials.session().client("ssm"), settings.stage)
    bot = BotApi(lambda: kept.read(TOKEN), settings.telegram_url)
    courier = Courier(settings.user_id, settings.epoch, rows, bot, Threads(), now)
    return Channels({CHANNEL: TelegramChannel(courier, bot, rows.links, time.sleep)})


def _backups(
    settings: BridgeConfig, deliveries: Deliveries, credentials: IssuedCredentials | EnvironmentCredentials
) -> Backups:
    return Backups(
        bucket=BackupBucket(settings.user_id, S3Objects(lambda: _bucket(credentials), settings.data_bucket)),
        epoch=settings.epoch,
        folder=DiskFolder(settings.state_dir),
        concurrency=Threads(),
        clock=now,
        talk=RowTalk(settings.epoch, deliveries, BackupRequests(deliveries.rows.agents.store)),
        interval=settings.backup,
        parallel=at_once,
    )
