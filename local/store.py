"""The SQLite file that keeps tables and objects across restarts; a killed writer never leaves it torn."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.errors import DamagedState

VERSION = 1
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS item (name TEXT, key TEXT, value TEXT, PRIMARY KEY (name, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object (
    bucket TEXT, key TEXT, facts TEXT, content BLOB, PRIMARY KEY (bucket, key)
);
PRAGMA user_version = {VERSION};
"""


@dataclass(frozen=True)
class StoredObject:
    """An S3 object; `facts` is what S3 tells about it besides its content, as JSON."""

    key: str
    facts: str
    content: bytes


class SqliteStore:
    def __init__(self, path: Path) -> None:
        check(path)
        self.lock = threading.RLock()
        self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, on the disk before it ends; one at a time."""
        with self.lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._file.execute("COMMIT")
            except BaseException:
                if self._file.in_transaction:
                    self._file.execute("ROLLBACK")
                raise

    def items(self, name: str) -> list[tuple[str, str]]:
        with self.lock:
            return self._file.execute("SELECT key, value FROM item WHERE name = ?", (name,)).fetchall()

    def put_item(self, name: str, key: str, value: str) -> None:
        self._file.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?)", (name, key, value))

    def delete_item(self, name: str, key: str) -> None:
        self._file.execute("DELETE FROM item WHERE name = ? AND key = ?", (name, key))

    def delete_items(self, name: str) -> None:
        self._file.execute("DELETE FROM item WHERE name = ?", (name,))

    def objects(self, bucket: str) -> list[StoredObject]:
        with self.lock:
            rows = self._file.execute("SELECT key, facts, content FROM object WHERE bucket = ?", (bucket,))
            return [StoredObject(*row) for row in rows]

    def put_object(self, bucket: str, stored: StoredObject) -> None:
        row = (bucket, stored.key, stored.facts, stored.content)
        self._file.execute("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?)", row)

    def delete_object(self, bucket: str, key: str) -> None:
        self._file.execute("DELETE FROM object WHERE bucket = ? AND key = ?", (bucket, key))

    def close(self) -> None:
        with self.lock:
            self._file.close()


def store_path(state: Path) -> Path:
    return state / "aws.sqlite"


def check(path: Path) -> None:
    """Raise `DamagedState` unless the file is absent or a sound store of this version; changes nothing."""
    if not path.exists():
        return
    try:
        with _reader(path) as file:
            (version,) = file.execute("PRAGMA user_version").fetchone()
            (verdict,) = file.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise DamagedState(_advice(path, str(error))) from None
    if verdict != "ok":
        raise DamagedState(_advice(path, verdict))
    if version > VERSION:
        raise DamagedState(_advice(path, f"written by a newer version ({version}, this one reads {VERSION})"))


@contextmanager
def _reader(path: Path) -> Iterator[sqlite3.Connection]:
    file = sqlite3.connect(path, isolation_level=None)
    try:
        yield file
    finally:
        file.close()


def _advice(path: Path, problem: str) -> str:
    return f"{path} cannot be used ({' '.join(problem.split())}): move it away, or start afresh with `make reset`."
