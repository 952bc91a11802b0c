"""What a month costs, item by item, from how it is used and from dated prices.

The prices are us-east-1's, in US dollars, before tax. Free tiers that end after a year are not counted; those that
last for good are, so that an account which uses them up elsewhere pays a little more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PRICES_OF = "2026-11"
HOURS = 730  # in a month
MILLION = 1_000_000


@dataclass(frozen=True)
class Prices:
    """By unit. https://aws.amazon.com/fargate/pricing/ and its neighbours."""

    vcpu_hour: float = 0.03238  # Fargate, Linux on ARM
    gigabyte_hour: float = 0.00356
    spot_share: float = 0.30  # what Spot costs of that; AWS changes it with demand
    address_hour: float = 0.005  # public IPv4
    lambda_gigabyte_second: float = 0.0000133334  # arm64
    lambda_million: float = 0.20
    rest_million: float = 3.50
    socket_million: float = 1.00
    socket_million_minutes: float = 0.25
    write_million: float = 0.625  # DynamoDB, on demand
    read_million: float = 0.125
    table_gigabyte: float = 0.25
    table_backup_gigabyte: float = 0.20  # point-in-time recovery
    object_gigabyte: float = 0.023
    object_put_thousand: float = 0.005
    image_gigabyte: float = 0.10
    log_gigabyte: float = 0.50
    metric: float = 0.30  # a month, by the hour in which it is written
    alarm: float = 0.10
    page_gigabyte: float = 0.085


@dataclass(frozen=True)
class Free:
    """A month, for good."""

    lambda_gigabyte_seconds: float = 400_000
    lambda_calls: float = MILLION
    table_gigabytes: float = 25
    log_gigabytes: float = 5
    metrics: float = 10
    alarms: float = 10
    page_gigabytes: float = 1000


@dataclass(frozen=True)
class Use:
    """A month of one installation."""

    name: str
    awake_hours: float  # of tasks, those that wait to fall asleep among them
    messages: float  # of people; each has its answer
    page_hours: float  # with the page open
    spot: float = 1.0  # share of the awake hours
    vcpu: float = 1.0
    gigabytes: float = 2.0
    state_gigabytes: float = 0.1
    image_gigabytes: float = 0.4  # two images of 200 MB: the one in use, one to go back to


@dataclass(frozen=True)
class Item:
    name: str
    amount: str  # in words
    dollars: float


IDLE = Use("An idle month", 0, 0, 0)
DAILY = Use("Two hours a day", 60, 5_000, 60)  # 10,000 messages both ways
HEAVY = Use("Ten hours a day, half of them on demand", 300, 30_000, 300, spot=0.5, state_gigabytes=1)
USES = (IDLE, DAILY, HEAVY)

SWEEPS = HOURS * 60  # the watchdog looks once a minute: at agents and at sockets, half a read each
SWEEP_SECONDS, SWEEP_GIGABYTES = 0.15, 0.25
CALL_SECONDS, CALL_GIGABYTES = 0.06, 1.0
CALLS_PER_MESSAGE, CALLS_PER_PAGE_HOUR = 2.0, 20.0  # send and resume; pings and the settings
PUSHES_PER_MESSAGE = 40.0  # an answer of five seconds as it is typed, with its status
WRITES_PER_MESSAGE, READS_PER_MESSAGE = 22.0, 16.0  # accept, claim, commit, deliver; a transaction counts twice
READS_PER_AWAKE_HOUR, WRITES_PER_AWAKE_HOUR = 1800.0, 120.0  # the bridge looks every two seconds
BACKUPS_PER_AWAKE_HOUR, PUTS_PER_BACKUP = 20.0, 4.0
LOG_KILOBYTES_PER_SWEEP, LOG_KILOBYTES_PER_MESSAGE = 0.6, 3.0
METRICS_WRITTEN = 30.0  # kinds with their dimensions, in an hour with something in it
ALARMS = 10.0
ROW_GIGABYTES_PER_MESSAGE = 3 / MILLION


def month(use: Use, prices: Prices | None = None, free: Free | None = None) -> list[Item]:
    """Items that cost nothing are there too: they say why."""
    rates, gifts = prices or Prices(), free or Free()
    return [
        *_tasks(use, rates),
        _functions(use, rates, gifts),
        *_gateways(use, rates),
        *_kept(use, rates, gifts),
        *_watched(use, rates, gifts),
    ]


def total(items: Sequence[Item]) -> float:
    return round(sum(item.dollars for item in items), 4)


def _tasks(use: Use, rates: Prices) -> list[Item]:
    full = use.vcpu * rates.vcpu_hour + use.gigabytes * rates.gigabyte_hour
    hour = full * (use.spot * rates.spot_share + 1 - use.spot)
    size = f"{use.vcpu:g} vCPU, {use.gigabytes:g} GB, {use.spot:.0%} Spot"
    return [
        Item("Fargate", f"{use.awake_hours:g} h ({size})", use.awake_hours * hour),
        Item("Public address of a task", f"{use.awake_hours:g} h", use.awake_hours * rates.address_hour),
    ]


def _functions(use: Use, rates: Prices, gifts: Free) -> Item:
    calls = use.messages * CALLS_PER_MESSAGE + use.page_hours * CALLS_PER_PAGE_HOUR
    seconds = SWEEPS * SWEEP_SECONDS * SWEEP_GIGABYTES + calls * CALL_SECONDS * CALL_GIGABYTES
    paid_calls = max(0, SWEEPS + calls - gifts.lambda_calls) / MILLION
    paid_seconds = max(0, seconds - gifts.lambda_gigabyte_seconds)
    dollars = paid_calls * rates.lambda_million + paid_seconds * rates.lambda_gigabyte_second
    return Item(
        "Lambda", f"{SWEEPS + calls:,.0f} calls, {seconds:,.0f} GB-s (free: {gifts.lambda_calls:,.0f})", dollars
    )


def _gateways(use: Use, rates: Prices) -> list[Item]:
    frames = use.messages * (1 + PUSHES_PER_MESSAGE) + use.page_hours * CALLS_PER_PAGE_HOUR
    minutes = use.page_hours * 60
    sockets = frames / MILLION * rates.socket_million + minutes / MILLION * rates.socket_million_minutes
    calls = use.page_hours * CALLS_PER_PAGE_HOUR
    return [
        Item("WebSocket API", f"{frames:,.0f} frames, {minutes:,.0f} minutes", sockets),
        Item("REST API", f"{calls:,.0f} calls", calls / MILLION * rates.rest_million),
    ]


def _kept(use: Use, rates: Prices, gifts: Free) -> list[Item]:
    writes = use.messages * WRITES_PER_MESSAGE + use.awake_hours * WRITES_PER_AWAKE_HOUR
    reads = use.messages * READS_PER_MESSAGE + use.awake_hours * READS_PER_AWAKE_HOUR + SWEEPS
    rows = use.messages * ROW_GIGABYTES_PER_MESSAGE
    stored = max(0, rows - gifts.table_gigabytes) * rates.table_gigabyte + rows * rates.table_backup_gigabyte
    requests = writes / MILLION * rates.write_million + reads / MILLION * rates.read_million
    puts = use.awake_hours * BACKUPS_PER_AWAKE_HOUR * PUTS_PER_BACKUP
    objects = use.state_gigabytes * rates.object_gigabyte + puts / 1000 * rates.object_put_thousand
    return [
        Item("DynamoDB", f"{writes:,.0f} writes, {reads:,.0f} reads", requests + stored),
        Item("S3", f"{use.state_gigabytes:g} GB of backups, {puts:,.0f} puts", objects),
        Item("ECR", f"{use.image_gigabytes:g} GB of images", use.image_gigabytes * rates.image_gigabyte),
    ]


def _watched(use: Use, rates: Prices, gifts: Free) -> list[Item]:
    logs = (SWEEPS * LOG_KILOBYTES_PER_SWEEP + use.messages * LOG_KILOBYTES_PER_MESSAGE) / MILLION
    metrics = METRICS_WRITTEN * min(1, use.awake_hours / HOURS)
    page = use.page_hours * 0.001
    return [
        Item(
            "Logs",
            f"{logs:.2f} GB (free: {gifts.log_gigabytes:g})",
            _over(logs, gifts.log_gigabytes, rates.log_gigabyte),
        ),
        Item("Metrics", f"{metrics:.1f} (free: {gifts.metrics:g})", _over(metrics, gifts.metrics, rates.metric)),
        Item("Alarms", f"{ALARMS:g} (free: {gifts.alarms:g})", _over(ALARMS, gifts.alarms, rates.alarm)),
        Item(
            "CloudFront",
            f"{page:.2f} GB (free: {gifts.page_gigabytes:g})",
            _over(page, gifts.page_gigabytes, rates.page_gigabyte),
        ),
    ]


def _over(amount: float, free: float, price: float) -> float:
    return max(0, amount - free) * price
