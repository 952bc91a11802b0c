"""Config and adapters become a bridge; the only place of this program that chooses implementations."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from functools import cached_property
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
from chalicelib.pages import Pages
from chalicelib.tables.rows import Rows
from container.bridge.backup.backups import Backups
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.generations import Generations
from container.bridge.backup.reports import RowReports
from container.bridge.backup.saver import Saver
from container.bridge.config import BridgeConfig
from container.bridge.credentials import Credentials, make_credentials
from container.bridge.events import LifeEvent, OpenClawChanged
from container.bridge.gateway import OpenClawGateway
from container.bridge.http.certificate import Identity, create_identity
from container.bridge.life.lifecycle import BridgeLifecycle, LifeParts, LifeTimes
from container.bridge.life.row import Endpoint
from container.bridge.mailbox import Mailbox
from container.bridge.ports import Owner
from container.bridge.supervisor import ControlFolder
from container.bridge.telegram.channel import TelegramChannel
from container.bridge.telegram.courier import Courier
from container.bridge.telegram.messages import ChatMessages
from container.bridge.threads import AT_ONCE, Threads, at_once
from container.bridge.turns.channels import Channels
from container.bridge.turns.delivery import Deliveries
from container.bridge.turns.parts import TurnParts
from container.bridge.turns.scheduler import TurnScheduler

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

VERSION = "1"
