"""Backup and restore of a large state: how much is sent for a small change, and how long it takes.

S3 is moto behind HTTP on the loopback; the state is one SQLite database in WAL mode that somebody has open, as
OpenClaw has, and a few files. `python -m bench.backup [rounds]`.
"""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TypeVar

import boto3
from moto.server import ThreadedMotoServer

from chalicelib.adapters.s3 import S3Objects
from chalicelib.backup_bucket import BackupBucket
from chalicelib.domain.generations import Kind
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.generations import Generations
from container.bridge.threads import at_once

Result = TypeVar("Result")
MB = 1_000_000
PAGE = 4096
ROW = 2000  # bytes; random, so that compression helps nothing: the worst case
ROUNDS = 5


class Counted(S3Objects):
    """Counts what is uploaded."""

    sent = 0

    def put(self, key: str, body: bytes) -> None:
        Counted.sent += len(body)
        super().put(key, body)

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        Counted.sent += len(body)
        return super().replace(key, body, etag)


@contextmanager
def database(path: Path) -> Iterator[sqlite3.Connection]:
    path.parent.mkdir(parents=True)
    opened = sqlite3.connect(path, isolation_level=None)
    opened.execute("PRAGMA journal_mode = WAL")
    opened.execute("CREATE TABLE event (number INTEGER PRIMARY KEY, text BLOB)")
    yield opened
    opened.close()


def fill(live: sqlite3.Connection, size: int) -> None:
    chance = random.Random(1)
    live.execute("BEGIN")
    live.executemany("INSERT INTO event (text) VALUES (?)", ((chance.randbytes(ROW),) for _ in range(size // ROW)))
    live.execute("COMMIT")


def change(live: sqlite3.Connection, size: int, seed: int, scattered: bool) -> None:
    """New rows at the end, as a conversation grows, or a row in each of so many pages all over the table."""
    chance = random.Random(seed)
    live.execute("BEGIN")
    if scattered:
        (count,) = live.execute("SELECT count(*) FROM event").fetchone()
        numbers = chance.sample(range(1, count), size // PAGE)
        live.executemany(
            "UPDATE event SET text = ? WHERE number = ?", ((chance.randbytes(ROW), each) for each in numbers)
        )
    else:
        live.executemany("INSERT INTO event (text) VALUES (?)", ((chance.randbytes(ROW),) for _ in range(size // ROW)))
    live.execute("COMMIT")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def generations(objects: S3Objects, folder: Path, epoch: int) -> Generations:
    return Generations(BackupBucket("ada", objects), epoch, DiskFolder(folder), lambda: datetime.now(UTC), at_once)


def back_up(made: Generations) -> tuple[float, int]:
    """Seconds, and bytes sent."""
    before = Counted.sent
    seconds, _ = timed(lambda: made.add(Kind.RUNNING))
    return seconds, Counted.sent - before


def report(what: str, rounds: list[tuple[float, int]]) -> None:
    seconds, sent = median(each[0] for each in rounds), median(each[1] for each in rounds)
    print(f"{what:42} {sent / MB:8.2f} MB  {seconds:6.2f} s   n={len(rounds)}")


def measure(objects: S3Objects, place: Path, rounds: int) -> None:
    with database(place / "state/agents/main/agent/openclaw-agent.sqlite") as live:
        fill(live, 100 * MB)
        made = generations(objects, place / "state", 1)
        made.restore()
        report("first backup of 100 MB", [back_up(made)])
        report("nothing changed", [back_up(made) for _ in range(rounds)])
        for scattered, what in ((False, "1 MB more at the end"), (True, "1 MB of pages changed all over")):
            results = []
            for number in range(rounds):
                change(live, MB, number, scattered)
                results.append(back_up(made))
            report(what, results)
    times = []
    for number in range(rounds):
        again = generations(objects, place / f"next-{number}" / "state", number + 2)
        times.append((timed(again.restore)[0], 0))
    report("restore of it all", times)


def main(rounds: int) -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    host, port = server.get_host_and_port()
    objects = Counted(lambda: boto3.client("s3", endpoint_url=f"http://{host}:{port}"), "data")
    objects.client.create_bucket(Bucket="data")
    try:
        with tempfile.TemporaryDirectory() as place:
            measure(objects, Path(place), rounds)
    finally:
        server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
