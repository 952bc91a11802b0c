"""Config and adapters become a bridge; the only place of this program that chooses implementations."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import boto3

from chalicelib.adapters import s3
from chalicelib.adapters.apigateway import SocketPush, connect
from chalicelib.adapters.clients import make_client
from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.s3 import S3Objects
from chalicelib.adapters.ssm import SUFFIX, SsmSecrets
from chalicelib.adapters.telegram import BotApi
from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.settings import PermissionMode
from chalicelib.domain.telegram import CHANNEL, TOKEN
from chalicelib.long_texts import LongTexts
from chalicelib.pages import Pages
from chalicelib.tables.rows import Rows
from chalicelib.version import VERSION
from container.bridge.backup.backups import Backups
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.generations import Generations
from container.bridge.backup.reports import RowReports
from container.bridge.backup.saver import Saver
from container.bridge.certificate import Identity, create_identity
from container.bridge.config import BridgeConfig
from container.bridge.credentials import IssuedCredentials, make_credentials
from container.bridge.events import LifeEvent, OpenClawChanged, Report
from container.bridge.life.lifecycle import BridgeLifecycle, LifeParts, LifeTimes
from container.bridge.life.row import Endpoint
from container.bridge.mailbox import Mailbox
from container.bridge.openclaw.driver import Supervision
from container.bridge.openclaw.gateway import OpenClawGateway
from container.bridge.openclaw.phases import Timeouts, TurnLimits
from container.bridge.openclaw.supervisor import ControlFolder
from container.bridge.ports import Owner
from container.bridge.relay.explained import ExplainedGateway
from container.bridge.relay.service import RelayPorts, RelayService
from container.bridge.retry import START_PAUSES, retry
from container.bridge.telegram.channel import TelegramChannel
from container.bridge.telegram.courier import Courier
from container.bridge.telegram.messages import ChatMessages
from container.bridge.threads import AT_ONCE, Threads, at_once
from container.bridge.turns.channels import Channels
from container.bridge.turns.choices import ToldChoices
from container.bridge.turns.delivery import Deliveries
from container.bridge.turns.parts import TurnParts
from container.bridge.turns.scheduler import TurnScheduler
from container.bridge.turns.uploads import UploadedFiles

ALL = "0.0.0.0"
KEY_FRESH = 5.0  # seconds that a provider's key is believed


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Background:
    """What works beside the turns."""

    courier: Courier
    relay: RelayService


class Bridge:
    """All parts of one bridge. Made without a network, a thread or a key; `start` has them begin."""

    def __init__(self, config: BridgeConfig) -> None:
        self._config = config
        self._credentials = make_credentials(config, now, time.sleep, lambda: secrets.token_hex(16))
        self._events: Mailbox[LifeEvent] = Mailbox(Threads())
        objects = _objects(config, self._credentials)
        store = LongTexts(DynamoStore(lambda: make_client("dynamodb"), config.table_prefix), objects)
        rows = Rows.over(store, time.sleep)
        courier, telegram = _telegram(config, rows, self._credentials)
        self._background = Background(courier, _relay(config, self._credentials))
        channels = Channels({CHANNEL: telegram}, UploadedFiles(config.user_id, objects, time.sleep))
        push = SocketPush(lambda: connect(config.websocket_callback_url), time.sleep)
        self._deliveries = Deliveries.of(
            config.user_id, rows, Pages(rows.connections, rows.starts, push, now), channels
        )
        self._backups = _backups(config, self._deliveries, objects, self._events.put)

    def start(self) -> Identity:
        """Fetches credentials, makes the key, connects to OpenClaw, starts the courier; what the server shows.

        Raises Fenced when this epoch is over, AgentUnavailable when the cloud issues no credentials.
        """
        self._credentials.fetch()
        boto3.DEFAULT_SESSION = self._credentials.session()
        self._background.courier.start()
        self._background.relay.start(now())
        token = secrets.token_hex(32)
        rows, config = self._deliveries.rows, self._config
        chosen = retry(lambda: rows.settings.get(config.user_id), time.sleep, START_PAUSES).permission_mode
        mode = chosen or config.permission_mode
        control = ControlFolder(config.control_dir, token, relay=self._background.relay.order, permission_mode=mode)
        gateway = OpenClawGateway(
            f"ws://127.0.0.1:{self._config.gateway_port}",
            token,
            timeouts=Timeouts(limits=TurnLimits(self._config.turn_tool_calls, self._config.turn.total_seconds())),
            supervision=Supervision(control.restart, control.starting),
            on_change=lambda: self._events.put(OpenClawChanged()),
        )
        self._turns, self.lifecycle = self._life(gateway, control, mode)
        return create_identity(now())

    def run(self, identity: Identity) -> None:
        """Until the process should end; by the main thread."""
        address = published(self._config.address, self._credentials.host)
        self.lifecycle.run(Endpoint(address, identity.sha256))

    def ring(self) -> None:
        self._background.relay.ring()
        self._turns.ring()
        self._backups.ring()

    def shut_down(self, reason: str = "asked to shut down") -> None:
        self.lifecycle.request_stop(reason)

    def status(self) -> dict[str, Any]:
        return {
            "state": "stopping" if self.lifecycle.reason else "running",
            "stage": self.lifecycle.step.value,
            "inflight": self._turns.inflight,
            "versions": {"bridge": VERSION},
        }

    def _life(
        self, gateway: OpenClawGateway, control: ControlFolder, mode: PermissionMode
    ) -> tuple[TurnScheduler, BridgeLifecycle]:
        config, deliveries, threads = self._config, self._deliveries, Threads()
        owner = Owner(config.user_id, config.epoch)
        objects = _objects(config, self._credentials)
        explained = ExplainedGateway(gateway, self._background.relay.ledger)
        work = replace(TurnParts.of(owner, deliveries, explained, objects, threads, now), choices=ToldChoices(mode))
        turns = TurnScheduler(work, self._events.put)
        parts = LifeParts(
            owner, deliveries.rows, deliveries.status, turns, self._backups, control, gateway, threads, now
        )
        return turns, BridgeLifecycle(parts, LifeTimes(config.idle, config.stop_seconds), self._events)


def published(address: str, host: str) -> str:
    """Where the doorbell is: who listens on all its addresses, as a task does, is reached at the one the cloud saw."""
    own, _, port = address.rpartition(":")
    return f"{host}:{port}" if own == ALL else address


def _telegram(config: BridgeConfig, rows: Rows, credentials: IssuedCredentials) -> tuple[Courier, TelegramChannel]:
    kept = SsmSecrets(lambda: make_client("ssm", credentials.session()), config.stage)
    bot = BotApi(lambda: kept.read(TOKEN), config.telegram_url)
    messages = ChatMessages(Owner(config.user_id, config.epoch), rows, bot, _objects(config, credentials), now)
    courier = Courier(messages, Threads(), now)
    return courier, TelegramChannel(courier, bot, time.sleep)


def _relay(config: BridgeConfig, credentials: IssuedCredentials) -> RelayService:
    kept = SsmSecrets(lambda: make_client("ssm", credentials.session()), config.stage, fresh=KEY_FRESH)
    return RelayService(config.relay, RelayPorts(lambda provider: kept.read(provider + SUFFIX), Threads()))


def _backups(config: BridgeConfig, deliveries: Deliveries, objects: S3Objects, report: Report) -> Backups:
    bucket = BackupBucket(config.user_id, objects)
    generations = Generations(bucket, config.epoch, DiskFolder(config.state_dir), now, at_once)
    rows, owner = deliveries.rows, Owner(config.user_id, config.epoch)
    reports = RowReports(owner, rows.agents, rows.backup_requests, deliveries.status)
    return Backups(Saver(generations, reports, time.sleep, now, config.backup), Threads(), now, report)


def _objects(config: BridgeConfig, credentials: IssuedCredentials) -> S3Objects:
    """By sessions of their own: each is made by its thread, that of the restore beside the others."""
    return S3Objects(lambda: s3.connect(credentials.session(), read=20, connections=AT_ONCE), config.data_bucket)
