"""The disk of a task: a folder that goes with everything that was made for it elsewhere."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

LOCKS = Path("/tmp") / f"openclaw-state-locks-{os.getuid()}"  # there, whatever TMPDIR says
MARK = 8  # hexadecimal digits of its database's path in a lock's name


def forget(folder: Path, locks: Path = LOCKS) -> None:
    """OpenClaw has one file or more in `locks` for each database, and never removes them. No OpenClaw runs there."""
    for database in folder.rglob("*.sqlite"):
        mark = hashlib.sha256(str(database.resolve()).encode()).hexdigest()[:MARK]
        for lock in locks.glob(f"*.{mark}.lock.sqlite*"):
            lock.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
