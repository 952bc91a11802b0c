"""A database that nobody else may read now: its files are copied as they lie, and the copy is recovered.

That is what SQLite does after a power cut: it takes back what was not committed. It holds only when the files did not
change while they were copied; a log that only grew is none the worse for it, because a half frame does not count.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from container.bridge.backup.limits import Late, Waits
from container.bridge.backup.ports import Torn

COPIED = ("", "-journal", "-wal")  # the log last: what it holds is younger than the file
BLOCK = 1024 * 1024
WAL_HEADER = 32  # bytes: another one when the log begins anew
SETTLED_NS = 20_000_000  # the clock of a file system moves in steps of up to 10 ms
PAUSE = 0.1  # seconds between tries
OPERATIONS = 100_000  # of SQLite between two looks at the clock
ABSENT = (errno.ENOENT, errno.ENAMETOOLONG)  # the second: a name so long that it can have no log beside it


@dataclass(frozen=True)
class Original:
    """The database in an open folder; no link is followed to it."""

    folder: int
    name: str

    def open(self, suffix: str = "") -> int | None:
        """A descriptor of a part of it; None where there is no such part. Raises OSError."""
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            return os.open(self.name + suffix, flags, dir_fd=self.folder)
        except OSError as error:
            if suffix and error.errno in ABSENT:
                return None
            raise

    def facts(self, suffix: str = "") -> tuple[int, int, int] | None:
        """Others when the content may be another."""
        descriptor = self.open(suffix)
        if descriptor is None:
            return None
        try:
            facts = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        return facts.st_ino, facts.st_size, facts.st_mtime_ns

    def log_facts(self) -> tuple[int, bytes] | None:
        """Others when it has begun anew."""
        descriptor = self.open("-wal")
        if descriptor is None:
            return None
        with os.fdopen(descriptor, "rb") as file:
            return os.fstat(descriptor).st_ino, file.read(WAL_HEADER)


def rescue(original: Original, copy: Path, waits: Waits) -> None:
    """A copy as of one moment. Raises Torn."""
    began, check = waits.now(), waits.deadline()
    end = began + waits.share()
    try:
        while not (resting := _copy(original, copy, check)) and waits.now() < end:
            waits.sleep(PAUSE)
    except (OSError, Late) as error:
        raise Torn(f"it could not be copied: {error}", resting=False) from error
    finally:
        waits.spend(waits.now() - began)
    if not resting:
        raise Torn("somebody holds it and keeps writing", resting=False)
    if not _recovers(copy, check):
        raise Torn("it is damaged", resting=True)


def _copy(original: Original, copy: Path, check: Callable[[], None]) -> bool:
    """Did nothing change meanwhile?"""
    began, before = time.time_ns(), (original.facts(), original.facts("-journal"), original.log_facts())
    for suffix in COPIED:
        target = copy.with_name(copy.name + suffix)
        target.unlink(missing_ok=True)
        source = original.open(suffix)
        if source is not None:
            _copy_file(source, target, check)
    main, journal, _ = after = (original.facts(), original.facts("-journal"), original.log_facts())
    return before == after and not any(_just_changed(each[2], began) for each in (main, journal) if each)


def _just_changed(at: int, began: int) -> bool:
    """So shortly before we began, or later, that the file may have been changed once more at the same time."""
    return began - SETTLED_NS <= at <= time.time_ns() + SETTLED_NS


def _copy_file(source: int, target: Path, check: Callable[[], None]) -> None:
    """As long as it is now."""
    with os.fdopen(source, "rb") as file, target.open("xb") as copy:
        left = os.fstat(source).st_size
        while left > 0 and (block := file.read(min(BLOCK, left))):
            copy.write(block)
            left -= len(block)
            check()


def _recovers(copy: Path, check: Callable[[], None]) -> bool:
    """Then all of it is in the file itself."""

    def late() -> bool:
        try:
            check()
        except Late:
            return True
        return False

    try:
        with closing(sqlite3.connect(copy, isolation_level=None, timeout=0)) as database:
            database.set_progress_handler(late, OPERATIONS)
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return _is_sound(database)
    except sqlite3.Error:
        return False


def _is_sound(database: sqlite3.Connection) -> bool:
    try:
        return bool(database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.OperationalError as error:
        # An index by somebody's own rule of sorting, a table of somebody's own module: sound as far as we can see.
        return error.sqlite_errorcode == sqlite3.SQLITE_ERROR
