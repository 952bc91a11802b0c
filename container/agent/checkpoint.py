"""Spares OpenClaw the search for state of older versions when only its configuration has changed.

It searches whenever its configuration is another one than at the last start, for a third of the whole start. What we
change in it (the model, a port, a provider) moves no state, and the versions of everything stay in the checkpoint: with
a new OpenClaw or new plugins it searches as ever. Where a later version does this otherwise, nothing happens here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from container.files import is_file

log = logging.getLogger(__name__)
DATABASE = "state/openclaw.sqlite"
SIDECARS = ("-wal", "-journal", "-shm")
ROWS = ("state-migrations", "startup-migrations")
LINES = 6  # version, format, build, configuration, configuration as plugins see it, plugins
CONFIGURATION = slice(3, 5)


def renew_checkpoint(state_dir: Path, config: Mapping[str, Any]) -> None:
    """While no OpenClaw runs; `config` with the values in the place of their variables' names."""
    beside = [f"{DATABASE}{suffix}" for suffix in SIDECARS if os.path.lexists(state_dir / f"{DATABASE}{suffix}")]
    if not all(is_file(state_dir, path) for path in (DATABASE, *beside)):
        return  # none yet, or what lies there is a link or a pipe
    try:
        with closing(sqlite3.connect(state_dir / DATABASE, timeout=1)) as database, database:
            _renew(database, fingerprint(config))
    except sqlite3.Error as error:
        log.info("OpenClaw's start will search its state: %s", error)


def fingerprint(config: Mapping[str, Any]) -> str:
    """As OpenClaw makes it, of what it has read."""
    text = json.dumps(config, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _renew(database: sqlite3.Connection, mark: str) -> None:
    found = database.execute("SELECT meta_key, app_version FROM schema_meta WHERE meta_key IN (?, ?)", ROWS).fetchall()
    for row, checkpoint in found:
        lines = str(checkpoint).split("\n")
        if len(lines) == LINES and lines[CONFIGURATION] != [mark, mark]:
            lines[CONFIGURATION] = [mark, mark]
            database.execute("UPDATE schema_meta SET app_version = ? WHERE meta_key = ?", ("\n".join(lines), row))
