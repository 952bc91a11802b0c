"""Databases that somebody writes while they are saved, as OpenClaw does."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chalicelib.backup_bucket import BackupBucket
from container.bridge.backup.folder import DiskFolder
from container.bridge.backup.gather import gather
from container.bridge.backup.memory import Memory, remember
from container.bridge.backup.restore import restore
from container.bridge.threads import at_once
from tests.fakes.objects import MemoryObjects

DATABASE = "agents/main/agent/openclaw-agent.sqlite"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "state" / DATABASE).parent.mkdir(parents=True)
    return tmp_path / "state"


@pytest.fixture
def live(place: Path) -> Iterator[sqlite3.Connection]:
    """As OpenClaw leaves it while it runs: the file itself holds next to nothing, all is in the log beside it."""
    with closing(sqlite3.connect(place / DATABASE, isolation_level=None, check_same_thread=False)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA wal_autocheckpoint = 0")
        database.execute("CREATE TABLE event (number INTEGER PRIMARY KEY, text TEXT)")
        yield database


def saved(place: Path, bucket: BackupBucket, before: Memory | None = None) -> tuple[Memory, int]:
    found = gather(before or Memory(), DiskFolder(place), bucket, tidy=True)
    return found.memory, found.stored_bytes


def restored(memory: Memory, bucket: BackupBucket, place: Path) -> Path:
    folder = DiskFolder(place.with_name("next"))
    contents = restore(bucket, memory.listing, folder, at_once)
    again = remember(memory.listing, contents, folder)
    assert again.contents == memory.contents
    return folder.path


def numbers(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [row[0] for row in database.execute("SELECT number FROM event ORDER BY number")]


def fill(live: sqlite3.Connection, rows: int) -> None:
    live.execute("BEGIN")
    live.executemany("INSERT INTO event VALUES (?, ?)", [(number, os.urandom(300).hex()) for number in range(rows)])
    live.execute("COMMIT")


@pytest.fixture
def bucket() -> BackupBucket:
    return BackupBucket("ada", MemoryObjects())


def test_what_is_only_in_the_log_is_saved(live: sqlite3.Connection, place: Path, bucket: BackupBucket) -> None:
    live.execute("INSERT INTO event VALUES (1, 'hello')")
    assert (place / DATABASE).stat().st_size == 4096

    memory, _ = saved(place, bucket)

    assert list(memory.listing.files) == [DATABASE], "neither the log nor the shared memory is state"
    assert numbers(restored(memory, bucket, place) / DATABASE) == [1]


def test_a_copy_is_of_one_moment_while_somebody_writes(
    live: sqlite3.Connection, place: Path, bucket: BackupBucket
) -> None:
    """Two rows in one transaction are both there or both missing."""
    stop = threading.Event()

    def write() -> None:
        for number in range(0, 100_000, 2):
            if stop.is_set():
                return
            with live:
                live.execute("BEGIN")
                live.executemany("INSERT INTO event VALUES (?, ?)", [(number, "x" * 3000), (number + 1, "y" * 3000)])
                live.execute("COMMIT")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        memory, sizes = Memory(), set[int]()
        while len(sizes) < 8 and writer.is_alive():
            memory, _ = saved(place, bucket, memory)
            found = numbers(restored(memory, bucket, place) / DATABASE)
            assert found == list(range(len(found))) and len(found) % 2 == 0
            sizes.add(len(found))
        assert len(sizes) == 8
    finally:
        stop.set()
        writer.join()


def test_a_checkpoint_that_changes_no_row_sends_nothing(
    live: sqlite3.Connection, place: Path, bucket: BackupBucket
) -> None:
    fill(live, 2000)
    memory, _ = saved(place, bucket)
    live.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    after, sent = saved(place, bucket, memory)

    assert sent == 0
    assert after.listing.same_as(memory.listing)


def test_a_new_row_sends_few_pages(live: sqlite3.Connection, place: Path, bucket: BackupBucket) -> None:
    fill(live, 5000)
    memory, first = saved(place, bucket)
    live.execute("INSERT INTO event VALUES (9999, 'new')")

    after, sent = saved(place, bucket, memory)

    assert sent < 20_000 < first
    assert numbers(restored(after, bucket, place) / DATABASE)[-1] == 9999


def test_saving_leaves_the_original_alone(live: sqlite3.Connection, place: Path, bucket: BackupBucket) -> None:
    live.execute("INSERT INTO event VALUES (1, 'hello')")
    log = place / f"{DATABASE}-wal"
    before = log.read_bytes()
    saved(place, bucket)
    assert log.read_bytes() == before
    live.execute("INSERT INTO event VALUES (2, 'still writable')")


KILLED = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA journal_mode = WAL")
database.execute("CREATE TABLE event (number INTEGER PRIMARY KEY, text TEXT)")
database.execute("INSERT INTO event VALUES (42, 'committed')")
database.execute("BEGIN")
database.execute("INSERT INTO event VALUES (43, 'not committed')")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_committed_is_saved(place: Path, bucket: BackupBucket) -> None:
    killed = subprocess.run([sys.executable, "-S", "-c", KILLED, str(place / DATABASE)], check=False)
    assert killed.returncode == -signal.SIGKILL

    memory, _ = saved(place, bucket)

    assert numbers(restored(memory, bucket, place) / DATABASE) == [42]


def test_a_broken_database_in_the_workspace_is_a_file_like_any_other(place: Path, bucket: BackupBucket) -> None:
    broken = b"SQLite format 3\0\x10\0" + b"\xff" * 8000
    (place / "workspace").mkdir()
    (place / "workspace/test.db").write_bytes(broken)
    (place / "workspace/notes-wal").write_bytes(b"beside no database")
    (place / "workspace/notes").write_bytes(b"no database")

    memory, _ = saved(place, bucket)
    next_place = restored(memory, bucket, place)

    assert (next_place / "workspace/test.db").read_bytes() == broken
    assert (next_place / "workspace/notes-wal").read_bytes() == b"beside no database"
