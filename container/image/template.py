"""The state of an OpenClaw that nobody has spoken to: what every first start makes, without what only one may have."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

UNSHARED: Mapping[str, str] = {
    "device_identities": "the key by which a gateway proves who it is",
    "config_revision_keys": "a key of its own",
    "gateway_boot_lifecycle": "when it ran, from which it tells whether it died",
    "diagnostic_events": "what happened to it",
    "config_health_entries": "of a file that is written anew",
}
FILES: Mapping[str, str] = {
    "config-journal-fingerprint.key": "a key of its own",
    "openclaw.json": "written before every start",
    "logs": "of this start",
    "tmp": "locks of this start",
    "plugin-skills": "links that every start makes",
}


def make_template(state: Path, template: Path) -> None:
    shutil.copytree(state, template, symlinks=True)
    for path in [*template.iterdir()]:
        if any(path.name == name or path.name.startswith(f"{name}.") for name in FILES):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in template.rglob("*.sqlite"):
        _forget(path)


def _forget(path: Path) -> None:
    """Deleted rows are overwritten, so that no key stays in a page that is free."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete = ON")
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in tables & UNSHARED.keys():
            database.execute(f'DELETE FROM "{table}"')
        database.execute("VACUUM")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
