"""A task's disk goes with the locks that OpenClaw keeps elsewhere, and with no others."""

from __future__ import annotations

import hashlib
from pathlib import Path

from local.aws.disk import forget


def lock(locks: Path, kind: str, database: Path) -> Path:
    path = locks / f"{kind}.{hashlib.sha256(str(database).encode()).hexdigest()[:8]}.lock.sqlite"
    path.touch()
    return path


def test_the_locks_of_its_databases_go_with_it(tmp_path: Path) -> None:
    folder, locks = tmp_path / "tasks", tmp_path / "locks"
    locks.mkdir()
    database = folder / "1" / "state" / "openclaw.sqlite"
    database.parent.mkdir(parents=True)
    database.touch()
    mine = [lock(locks, kind, database) for kind in ("state-lifecycle", "gateway-lifecycle")]
    other = lock(locks, "state-lifecycle", tmp_path / "elsewhere.sqlite")

    forget(folder, locks)

    assert not folder.exists()
    assert not any(path.exists() for path in mine)
    assert other.exists()


def test_there_need_be_nothing(tmp_path: Path) -> None:
    forget(tmp_path / "tasks", tmp_path / "locks")
