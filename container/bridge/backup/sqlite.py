"""Consistent copies of SQLite databases that another process writes, or holds for itself, in bounded time.

The online backup API copies pages under one read transaction, so that page 7 of one copy and of the next are the
same bytes unless something changed: VACUUM INTO would move them, and copying the file would miss what is in the WAL.
A database that is held for longer than we wait is copied with its logs and recovered (rescue.py).
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO
from urllib.parse import quote

from container.bridge.backup.limits import Late, Waits
from container.bridge.backup.ports import Torn
from container.bridge.backup.rescue import Original, rescue
from container.bridge.backup.walk import descent

log = logging.getLogger(__name__)
MAGIC = b"SQLite format 3\0"
PAGE_SIZES = {1, *(2**power for power in range(9, 16))}  # 1 stands for 65,536
LOGS = ("-wal", "-journal")
SIDECARS = (*LOGS, "-shm")  # the last one changes with every reader, also with us
STEP = 4096  # pages between two looks at the clock


def is_database(file: BinaryIO) -> bool:
    """With a first page at least: SQLite takes less for an empty one. Raises OSError."""
    head = file.read(18)
    page = int.from_bytes(head[16:], "big")
    smallest = 65_536 if page == 1 else page
    return head.startswith(MAGIC) and page in PAGE_SIZES and os.fstat(file.fileno()).st_size >= smallest


@contextmanager
def database_copy(root: Path, path: str, waits: Waits) -> Iterator[Path]:
    """A copy as of one moment, for as long as the context lasts. Raises Torn."""
    try:
        # Not beside the original: there the agent could put a link in its place.
        place = TemporaryDirectory(prefix="backup-")
    except OSError as error:
        raise Torn(f"there is no room for a copy: {error}", resting=False) from error
    with place as folder:
        copy = Path(folder) / "copy.sqlite"
        try:
            _back_up(root / path, copy, waits)
        except (sqlite3.Error, Late) as error:
            log.info("a database cannot be read (%s): it is copied with its logs", error)
            copy = Path(folder) / "rescued.sqlite"
            with _original(root, path) as original:
                rescue(original, copy, waits)
        yield copy


@contextmanager
def _original(root: Path, path: str) -> Iterator[Original]:
    """Raises Torn."""
    under, _, name = path.rpartition("/")
    try:
        with descent(root) as way:
            folder = way.enter(under)
    except OSError as error:
        raise Torn(f"its folder cannot be opened: {error}", resting=False) from error
    try:
        yield Original(folder, name)
    finally:
        os.close(folder)


def _back_up(path: Path, copy: Path, waits: Waits) -> None:
    """Raises sqlite3.Error, Late."""
    # Read-only: as the last user of the database we would otherwise write its WAL back and delete it.
    original = f"file:{quote(os.fsencode(path.absolute()))}?mode=ro"
    began, check = waits.now(), waits.deadline()
    with (
        closing(sqlite3.connect(original, uri=True, timeout=waits.share(), isolation_level=None)) as source,
        closing(_new(copy)) as target,
    ):
        try:
            # Its own read transaction: without it each step would begin one, and start anew after every write.
            source.execute("BEGIN")
            source.execute("SELECT 1 FROM sqlite_master").fetchone()
        finally:
            waits.spend(waits.now() - began)

        def progress(status: int, _remaining: int, _total: int) -> None:
            if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Late("somebody holds it")  # the module would try again for ever
            check()

        source.backup(target, pages=STEP, progress=progress)


def _new(path: Path) -> sqlite3.Connection:
    target = sqlite3.connect(path, isolation_level=None)
    target.execute("PRAGMA journal_mode = OFF")  # it is thrown away when anything goes wrong
    target.execute("PRAGMA synchronous = OFF")
    return target
