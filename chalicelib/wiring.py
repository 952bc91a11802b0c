"""AppConfig and adapters become services; the only place that chooses implementations."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from chalicelib.adapters import apigateway, budgets, s3
from chalicelib.adapters.apigateway import SocketPush
from chalicelib.adapters.bridge import HttpsDoorbell
from chalicelib.adapters.budgets import AwsBudget
from chalicelib.adapters.clients import library_versions, make_client
from chalicelib.adapters.cognito import CognitoPool
from chalicelib.adapters.dynamodb import DynamoStore
from chalicelib.adapters.ecs import FargateTasks, Launch
from chalicelib.adapters.s3 import S3Objects
from chalicelib.adapters.ssm import SsmSecrets
from chalicelib.adapters.sts import StsIssuer
from chalicelib.adapters.telegram import BotApi
from chalicelib.config import AppConfig
from chalicelib.domain.telegram import CHANNEL, TOKEN
from chalicelib.domain.watchdog import Limits
from chalicelib.long_texts import LongTexts
from chalicelib.pages import Pages
from chalicelib.ports import (
    Bot,
    Budget,
    Clock,
    CredentialIssuer,
    Doorbell,
    NewId,
    Objects,
    Push,
    Secrets,
    Sleep,
    Tasks,
    UserPool,
)
from chalicelib.services.backups import BackupService
from chalicelib.services.budget import BudgetWatch
from chalicelib.services.chat import Chat
from chalicelib.services.credentials import Credentials
from chalicelib.services.history import History
from chalicelib.services.identities import Identities
from chalicelib.services.intake import Intake
from chalicelib.services.lifecycle import Lifecycle
from chalicelib.services.linking import Linking
from chalicelib.services.media import MediaService
from chalicelib.services.notices import Notices
from chalicelib.services.rate_limits import RateLimits
from chalicelib.services.search import Search
from chalicelib.services.settings import SettingsService
from chalicelib.services.telegram import Telegram
from chalicelib.services.telegram_commands import TelegramCommands
from chalicelib.services.telegram_notice import TelegramNotice
from chalicelib.services.tickets import Tickets
from chalicelib.services.uploads import Uploads
from chalicelib.services.wake import Wake
from chalicelib.services.watchdog import Watchdog
from chalicelib.store import Store
from chalicelib.tables.rows import Rows

log = logging.getLogger(__name__)
NO_OBJECTS = S3Objects(s3.connect, "")  # every call says that there is no such bucket
NO_ISSUER = StsIssuer(lambda: None, "", "", "", "")
NO_POOL = CognitoPool(lambda: None, "")
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
    budget: Budget | None = None
    pool: UserPool = NO_POOL
    warm_up: Callable[[], object] = lambda: None  # makes what an event would else make


def aws(config: AppConfig) -> Outside:
    """The real world. Clients are made when they are first used: most events need one or two of them."""
    kept = SsmSecrets(lambda: make_client("ssm"), config.stage)
    store = DynamoStore(lambda: make_client("dynamodb"), config.table_prefix)
    tasks = FargateTasks(lambda: make_client("ecs"), _launch(config))
    push = SocketPush(lambda: apigateway.connect(config.websocket_callback_url), time.sleep)
    return Outside(
        store=store,
        tasks=tasks,
        doorbell=HttpsDoorbell(now, lambda: secrets.token_hex(16)),
        push=push,
        secrets=kept,
        clock=now,
        sleep=time.sleep,
        bot=BotApi(lambda: kept.read(TOKEN), config.telegram_url),
        objects=S3Objects(s3.connect, config.data_bucket),
        budget=AwsBudget(_connect_budgets, config.budget_arn) if config.budget_arn else None,
        pool=CognitoPool(lambda: make_client("cognito-idp"), config.user_pool_id),
        issuer=StsIssuer(
            lambda: make_client("sts"),
            config.bridge_role_arn,
            config.table_prefix,
            config.data_bucket,
            config.stage,
        ),
        warm_up=lambda: (store.client, tasks.client, push.client),
    )


def _connect_budgets() -> Any:
    return make_client("budgets", region_name=budgets.REGION)


def now() -> datetime:
    return datetime.now(UTC)


def _launch(config: AppConfig) -> Launch:
    return Launch(config.cluster_arn, config.task_definition_arn, config.subnet_ids, config.security_group_ids)


class Services:
    """The services over one outside world, each made on first use."""

    def __init__(self, config: AppConfig, outside: Outside) -> None:
        self.config = config
        self.outside = outside
        self.rows = Rows.over(LongTexts(outside.store, outside.objects), outside.sleep)
        self.pages = Pages(self.rows.connections, self.rows.starts, outside.push, outside.clock)

    def warm_up(self) -> None:
        """Makes the clients that events need, which would take most of the first one's time."""
        self.outside.warm_up()
        log.info("AWS's library is boto3 %s, botocore %s", *library_versions())  # Lambda's own, which we do not pin

    @cached_property
    def history(self) -> History:
        return History(self.rows.conversations, self.rows.inbox)

    @cached_property
    def search(self) -> Search:
        return Search(self.history, self.limits)

    @cached_property
    def wake(self) -> Wake:
        outside = self.outside
        return Wake(
            self.rows.agents,
            outside.tasks,
            outside.doorbell,
            self.pages,
            outside.clock,
            outside.sleep,
            outside.new_secret,
            self.limits,
        )

    @cached_property
    def limits(self) -> RateLimits:
        return RateLimits(self.rows.limits, self.config.limits, self.outside.clock, self.rows.halts)

    @cached_property
    def intake(self) -> Intake:
        rows, outside = self.rows, self.outside
        return Intake(rows.inbox, rows.conversations, self.limits, self.wake, outside.clock)

    @cached_property
    def chat(self) -> Chat:
        return Chat(self.rows, self.history, self.intake, self.pages, self.uploads, self.outside.clock)

    @cached_property
    def uploads(self) -> Uploads:
        return Uploads(self.outside.objects, self.outside.clock, self.outside.new_secret, self.limits)

    @cached_property
    def lifecycle(self) -> Lifecycle:
        return Lifecycle(self.rows, self.wake, self.outside.tasks, self.outside.clock)

    @cached_property
    def backups(self) -> BackupService:
        outside = self.outside
        return BackupService(self.rows, outside.objects, outside.doorbell, self.pages, outside.clock)

    @cached_property
    def media(self) -> MediaService:
        return MediaService(self.outside.objects, self.outside.clock)

    @cached_property
    def tickets(self) -> Tickets:
        outside = self.outside
        return Tickets(self.rows.connections, self.config.web_origin, outside.clock, outside.new_secret, self.limits)

    @cached_property
    def identities(self) -> Identities:
        return Identities(self.rows.connections, self.pages, self.outside.pool, self.outside.clock)

    @cached_property
    def credentials(self) -> Credentials:
        return Credentials(self.rows.agents, self.outside.issuer, self.outside.clock)

    @cached_property
    def linking(self) -> Linking:
        outside = self.outside
        return Linking(self.rows.links, outside.bot, outside.clock, outside.new_secret)

    @cached_property
    def telegram(self) -> Telegram:
        outside, commands = self.outside, self.telegram_commands
        return Telegram(
            self.rows, outside.secrets, self.linking, commands, self.intake, self.pages, outside.bot, outside.clock
        )

    @cached_property
    def telegram_commands(self) -> TelegramCommands:
        outside = self.outside
        return TelegramCommands(
            self.rows, self.linking, self.history, self.lifecycle, self.settings, outside.bot, outside.clock
        )

    @cached_property
    def settings(self) -> SettingsService:
        idle = round(self.config.idle.total_seconds() / 60) or 1
        config, rows = self.config, self.rows
        return SettingsService(
            rows.settings, rows.agents, self.outside.secrets, idle, config.llm_model, config.permission_mode
        )

    @cached_property
    def watchdog(self) -> Watchdog:
        outside = self.outside
        limits = Limits(idle=self.config.idle)
        return Watchdog(
            *(self.rows, outside.tasks, self.wake, self.notices, self.identities, self.budget_watch),
            *(outside.clock, limits),
        )

    @cached_property
    def budget_watch(self) -> BudgetWatch:
        return BudgetWatch(self.outside.budget, self.rows.halts, self.outside.clock)

    @cached_property
    def notices(self) -> Notices:
        outside = self.outside
        return Notices(
            self.pages, {CHANNEL: TelegramNotice(outside.bot, self.rows.bubbles, self.rows.links, outside.clock)}
        )
