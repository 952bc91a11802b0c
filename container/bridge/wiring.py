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
from chalicelib.domain.telegram import CHANNEL, TOKEN
from chalicelib.state.asks import BackupAsks
from chalicelib.state.vault import Vault
from container.bridge.backup import Backups
from container.bridge.backup_folder import DiskFolder
from container.bridge.backup_talk import RowTalk
from container.bridge.certificate import Identity, create_identity
from container.bridge.channels import Channels
from container.bridge.credentials import Ambient, Wallet, open_wallet
from container.bridge.delivery import Deliveries
from container.bridge.lifecycle import Lifecycle, Place
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.openclaw.supervisor import ControlFolder
from container.bridge.rows import Rows
from container.bridge.settings import BridgeSettings
from container.bridge.telegram import TelegramChannel
from container.bridge.telegram_courier import Courier
from container.bridge.threads import AT_ONCE, Threads, at_once
from container.bridge.turns import Turns

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VERSION = "1"


def _bucket(wallet: Wallet | Ambient) -> S3Client:
    """From a session of its own: it is made by the thread that restores, beside the others."""
    patience = Config(max_pool_connections=AT_ONCE, connect_timeout=5, read_timeout=20, retries={"mode": "standard"})
    return wallet.session().client("s3", config=patience)


def now() -> datetime:
    return datetime.now(UTC)


class Bridge:
    """All parts of one bridge, put together."""

    def __init__(self, settings: BridgeSettings) -> None:
        wallet = open_wallet(settings, now, time.sleep, lambda: secrets.token_hex(16))
        boto3.DEFAULT_SESSION = wallet.session()
        self.identity: Identity = create_identity(now())
        token = secrets.token_hex(32)
        supervisor = ControlFolder(settings.control_dir, token)
        rows = Rows.over(DynamoStore(lambda: boto3.client("dynamodb"), settings.table_prefix), time.sleep)
        push = SocketPush(lambda: connect(settings.websocket_callback_url), time.sleep)
        url = f"ws://127.0.0.1:{settings.gateway_port}"
        gateway = OpenClawGateway(url, token, on_hang=supervisor.restart, on_change=self.look)
        deliveries = Deliveries(settings.user_id, rows, push, now, _channels(settings, rows, wallet))
        self.backups = _backups(settings, deliveries, wallet)
        self.turns = Turns(settings.epoch, rows, deliveries, gateway, Threads(), now)
        place = Place(settings.user_id, settings.epoch, _published(settings.address, wallet.host), self.identity.sha256)
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


def _channels(settings: BridgeSettings, rows: Rows, wallet: Wallet | Ambient) -> Channels:
    kept = SsmSecrets(lambda: wallet.session().client("ssm"), settings.stage)
    bot = BotApi(lambda: kept.read(TOKEN), settings.telegram_url)
    courier = Courier(settings.user_id, settings.epoch, rows, bot, Threads(), now)
    return Channels({CHANNEL: TelegramChannel(courier, bot, rows.links, time.sleep)})


def _backups(settings: BridgeSettings, deliveries: Deliveries, wallet: Wallet | Ambient) -> Backups:
    return Backups(
        vault=Vault(settings.user_id, S3Objects(lambda: _bucket(wallet), settings.data_bucket)),
        epoch=settings.epoch,
        folder=DiskFolder(settings.state_dir),
        concurrency=Threads(),
        clock=now,
        talk=RowTalk(settings.epoch, deliveries, BackupAsks(deliveries.rows.agents.store)),
        interval=settings.backup,
        parallel=at_once,
    )
