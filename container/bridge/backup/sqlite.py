"""Consistent copies of SQLite databases that another process writes.

The online backup API copies pages under one read transaction, so that page 7 of one copy and of the next are the
same bytes unless something changed: VACUUM INTO would move them, and copying the file would miss what is in the WAL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

MAGIC = b"SQLite format 3\0"
LOGS = ("-wal", "-journal")
SIDECARS = (*LOGS, "-shm")  # the last one changes with every reader, also with us
TIMEOUT = 5.0  # seconds for a writer that holds the database alone


@contextmanager
def database_copy(path: Path) -> Iterator[Path]:
    """A copy as of one moment, for as long as the context lasts. Raises sqlite3.Error."""
    # Not beside the original: there the agent could put a link in its place.
    with TemporaryDirectory(prefix="backup-") as folder:
        copy = Path(folder) / "copy.sqlite"
        # Read-only: as the last user of the database we would otherwise write its WAL back and delete it.
        original = f"file:{quote(str(path.absolute()))}?mode=ro"
        with closing(sqlite3.connect(original, uri=True, timeout=TIMEOUT)) as source, closing(_new(copy)) as target:
            source.backup(target, pages=-1)
        yield copy


def _new(path: Path) -> sqlite3.Connection:
    target = sqlite3.connect(path, isolation_level=None)
    target.execute("PRAGMA journal_mode = OFF")  # it is thrown away when anything goes wrong
    target.execute("PRAGMA synchronous = OFF")
    return target
