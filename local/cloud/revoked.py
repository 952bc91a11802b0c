"""Sign-ins whose refresh tokens were taken back: a file, so that none is good again after a restart."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from pathlib import Path

from local.errors import DamagedState


class RevokedSignIns:
    """By the id that all tokens of a sign-in share, until the last of them would have ended anyway."""

    def __init__(self, path: Path | None = None) -> None:
        """Without a file they are forgotten with the process."""
        self._path = path
        self._lock = threading.Lock()
        self._ends = _read(path) if path else {}

    def __contains__(self, sign_in: object) -> bool:
        return sign_in in self._ends

    def add(self, sign_in: str, ends: datetime, now: datetime) -> None:
        with self._lock:
            kept = {each: end for each, end in self._ends.items() if end > now.timestamp()}
            self._ends = kept | {sign_in: ends.timestamp()}
            if self._path:
                draft = self._path.with_suffix(".new")
                draft.write_text(json.dumps(self._ends))
                draft.replace(self._path)


def revoked_path(state: Path) -> Path:
    return state / "revoked.json"


def _read(path: Path) -> dict[str, float]:
    if not path.exists():
        return {}
    try:
        return {str(sign_in): float(end) for sign_in, end in json.loads(path.read_text()).items()}
    except (ValueError, AttributeError, TypeError):
        raise DamagedState(f"{path} is not what it was: move it away, or `make reset`.") from None
