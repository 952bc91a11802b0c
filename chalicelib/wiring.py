"""AppConfig and adapters become services; the only place that chooses implementations."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from chalicelib.adapters import apigateway, s3
from chalicelib.adapters.apigateway import SocketPush
from chalicelib.adapters.bridge import HttpsDoorbell
from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.ecs import FargateTasks, Launch
from chalicelib.adapters.s3 import S3Objects
from chalicelib.adapters.ssm import SsmSecrets
from chalicelib.adapters.sts import StsIssuer
from chalicelib.adapters.telegram import BotApi
from chalicelib.config import AppConfig
from chalicelib.domain.telegram import CHANNEL, TOKEN
from chalicelib.domain.watchdog import Limits
from chalicelib.ports import Bot, Clock, CredentialIssuer, Doorbell, NewId, Objects, Push, Secrets, Sleep, Tasks
from chalicelib.services.backups import BackupService
from chalicelib.services.broadcast import Broadcast
from chalicelib.services.chat import Chat
from chalicelib.services.credentials import Credentials
from chalicelib.services.history import History
from chalicelib.services.lifecycle import Lifecycle
from chalicelib.services.linking import Linking
from chalicelib.services.settings import SettingsService
from chalicelib.services.telegram import Telegram
from chalicelib.services.telegram_commands import TelegramCommands
from chalicelib.services.telegram_notice import TelegramNotice
from chalicelib.services.tickets import Tickets
from chalicelib.services.wake import Wake
from chalicelib.services.watchdog import Watchdog
from chalicelib.store import Store
from chalicelib.tables.agents import Agents
from chalicelib.tables.answers import Answers
from chalicelib.tables.backup_requests import BackupRequests
from chalicelib.tables.bubbles import Bubbles
from chalicelib.tables.connections import Connections
from chalicelib.tables.conversations import Conversations
from chalicelib.tables.inbox import Inbox
from chalicelib.tables.links import Links
from chalicelib.tables.settings import SettingsRows
from chalicelib.tables.starts import Starts
from chalicelib.tables.usage import Usage

NO_OBJECTS = S3Objects(s3.connect, "")  # every call says that there is no such bucket
NO_ISSUER = StsIssuer(lambda: None, "", "", "", "")
NO_BOT = BotApi(lambda: None, "")  # every call says that there is no token


def new_secret() -> str:
    return secrets.token_hex(32)


@dataclass(frozen=True)
class Outside:
    """Everything the services reach the world through."""

    store: Store
    tasks: Tasks
    doorbell: Doorbell
    push: Push
    secrets: Secrets
    clock: Clock
    sleep: Sleep
    new_secret: NewId = new_secret
    bot: Bot = NO_BOT
    issuer: CredentialIssuer = NO_ISSUER
    objects: Objects = NO_OBJECTS


def aws(settings: AppConfig) -> Outside:
    """The real world. Clients are made when they are first used: most events need one or two of them."""
    kept = SsmSecrets(lambda: client("ssm"), settings.stage)
    return Outside(
        store=DynamoStore(lambda: client("dynamodb"), settings.table_prefix),
        tasks=FargateTasks(lambda: client("ecs"), _launch(settings)),
        doorbell=HttpsDoorbell(now, lambda: secrets.token_hex(16)),
        push=SocketPush(lambda: apigateway.connect(settings.websocket_callback_url), time.sleep),
        secrets=kept,
        clock=now,
        sleep=time.sleep,
        bot=BotApi(lambda: kept.read(TOKEN), settings.telegram_url),
        objects=S3Objects(s3.connect, settings.data_bucket),
        issuer=StsIssuer(
            lambda: client("sts"),
            settings.bridge_role_arn,
            settings.table_prefix,
            settings.data_bucket,
            settings.stage,
        ),
    )


def client(service: str) -> Any:
    import boto3  # noqa: PLC0415  124 ms, which an event that needs no client should not pay

    return boto3.client(service)  # type: ignore[call-overload]


def now() -> datetime:
    return datetime.now(UTC)


def _launch(settings: AppConfig) -> Launch:
    return Launch(settings.cluster_arn, settings.task_definition_arn, settings.subnet_ids, settings.security_group_ids)


class Services:
    """The services over one outside world, each made on first use."""

    def __init__(self, settings: AppConfig, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside
        store = outside.store
        self.agents = Agents(store)
        self.connections = Connections(store)
        self.inbox = Inbox(store, outside.sleep)
        self.starts = Starts(store)
        chats = {CHANNEL: TelegramNotice(outside.bot, Bubbles(store), outside.clock)}
        self.broadcast = Broadcast(self.connections, outside.push, self.starts, outside.clock, chats)
        self.history = History(Conversations(store), self.inbox)

    @cached_property
    def wake(self) -> Wake:
        outside = self.outside
        return Wake(
            self.agents,
            outside.tasks,
            outside.doorbell,
            self.broadcast,
            outside.clock,
            outside.sleep,
            outside.new_secret,
        )

    @cached_property
    def chat(self) -> Chat:
        return Chat(
            self.agents, self.inbox, self.connections, self.history, self.wake, self.broadcast, self.outside.clock
        )

    @cached_property
    def lifecycle(self) -> Lifecycle:
        return Lifecycle(self.agents, self.starts, self.wake, self.outside.tasks, self.broadcast, self.outside.clock)

    @cached_property
    def backups(self) -> BackupService:
        outside = self.outside
        return BackupService(
            self.agents, BackupRequests(outside.store), outside.objects, outside.doorbell, self.broadcast, outside.clock
        )

    @cached_property
    def tickets(self) -> Tickets:
        return Tickets(self.connections, self.settings.web_origin, self.outside.clock, self.outside.new_secret)

    @cached_property
    def credentials(self) -> Credentials:
        return Credentials(self.agents, self.outside.issuer, self.outside.clock)

    @cached_property
    def linking(self) -> Linking:
        outside = self.outside
        return Linking(Links(outside.store), outside.bot, outside.clock, outside.new_secret)

    @cached_property
    def telegram(self) -> Telegram:
        outside, store = self.outside, self.outside.store
        return Telegram(
            outside.secrets,
            Links(store),
            self.linking,
            self.telegram_commands,
            self.inbox,
            Bubbles(store),
            Conversations(store),
            self.wake,
            self.broadcast,
            outside.bot,
            outside.clock,
        )

    @cached_property
    def telegram_commands(self) -> TelegramCommands:
        outside, store = self.outside, self.outside.store
        return TelegramCommands(
            Links(store),
            self.linking,
            self.inbox,
            self.history,
            self.lifecycle,
            self.user_settings,
            Usage(store),
            outside.bot,
            outside.clock,
        )

    @cached_property
    def user_settings(self) -> SettingsService:
        idle = round(self.settings.idle.total_seconds() / 60) or 1
        rows = SettingsRows(self.outside.store)
        return SettingsService(rows, self.agents, self.outside.secrets, idle, self.settings.llm_model)

    @cached_property
    def watchdog(self) -> Watchdog:
        return Watchdog(
            self.agents,
            self.inbox,
            Answers(self.outside.store),
            self.outside.tasks,
            self.wake,
            self.broadcast,
            self.outside.clock,
            Limits(idle=self.settings.idle),
        )
