"""Programs that hold a database, each in its own way and process, until they are ended. `python -m … way path`."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

Hold = Callable[[sqlite3.Connection, Path], None]


def exclusive_transaction(database: sqlite3.Connection, path: Path) -> None:
    database.execute("BEGIN EXCLUSIVE")


def exclusive_with_changes(database: sqlite3.Connection, path: Path) -> None:
    """Pages that were not committed are in the file already; the journal has what was there."""
    database.execute("PRAGMA cache_size = 1")
    database.execute("BEGIN EXCLUSIVE")
    database.execute("UPDATE event SET text = 'not committed'")


def browser_profile(database: sqlite3.Connection, path: Path) -> None:
    """Alone for as long as it runs, the log without shared memory."""
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("UPDATE event SET text = 'in the log' WHERE number = 1")


def browser_that_writes(database: sqlite3.Connection, path: Path) -> None:
    browser_profile(database, path)
    _write(database)


def journal_that_writes(database: sqlite3.Connection, path: Path) -> None:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    database.execute("PRAGMA synchronous = OFF")
    database.execute("UPDATE event SET text = 'mine' WHERE number = 1")
    _write(database)


def log_that_never_rests(database: sqlite3.Connection, path: Path) -> None:
    database.execute("PRAGMA journal_mode = WAL")
    _write(database)


def locked_file(database: sqlite3.Connection, path: Path) -> None:
    """By something that is no SQLite."""
    database.close()
    fcntl.lockf(os.open(path, os.O_RDWR), fcntl.LOCK_EX)


def say_held() -> None:
    sys.stdout.write("held\n")
    sys.stdout.flush()


def _write(database: sqlite3.Connection) -> None:
    say_held()
    for number in range(10_000, 10_000_000):
        database.execute("INSERT INTO event VALUES (?, ?)", (number, "x" * 3000))
        database.execute("DELETE FROM event WHERE number = ?", (number - 100,))


IDLE: Mapping[str, Hold] = {
    each.__name__: each for each in (exclusive_transaction, exclusive_with_changes, browser_profile, locked_file)
}
WRITING: Mapping[str, Hold] = {
    each.__name__: each for each in (browser_that_writes, journal_that_writes, log_that_never_rests)
}
WAYS = {**IDLE, **WRITING}
ROWS = 2000


def filled(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    database.execute("CREATE TABLE event (number INTEGER PRIMARY KEY, text TEXT)")
    database.execute("BEGIN")
    database.executemany("INSERT INTO event VALUES (?, ?)", ((number, "committed" * 20) for number in range(ROWS)))
    database.execute("COMMIT")
    database.close()
    os.utime(path, (1_700_000_000, 1_700_000_000))


@contextmanager
def held(way: str, path: Path) -> Iterator[None]:
    """A database that somebody else holds."""
    if not path.exists():
        filled(path)
    command = [sys.executable, "-m", "tests.bridge.backup.holding", way, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and process.stdout.readline() == "held\n"
            yield
        finally:
            process.kill()


def main(way: str, path: str) -> None:
    WAYS[way](sqlite3.connect(path, isolation_level=None), Path(path))
    say_held()
    time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
