"""The state folder of a simulated OpenClaw: one file that is its transcript."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict

from chalicelib.domain.listing import Listing
from container.bridge.backup.ports import PathKind, Seen
from tests.simulation.openclaw import OpenClaw
from tests.simulation.transcript import Run

PATH = "agents/transcript.json"


class StateFolder:
    """Implements the bridge's port of that name."""

    def __init__(self, openclaw: OpenClaw) -> None:
        self.openclaw = openclaw
        self.history = openclaw.line.history

    def scan(self) -> dict[str, Seen]:
        return {PATH: Seen(PathKind.FILE, 0o600, 0, digest(self.body))}

    def read(self, path: str) -> Iterator[bytes]:
        body = self.body
        self.history.note("copied", user=self.openclaw.user, digest=digest(body))
        return iter([body])

    def draft(self, listing: Listing) -> SimulatedDraft:
        return SimulatedDraft(self, listing.files[PATH].size)

    @property
    def body(self) -> bytes:
        return json.dumps([asdict(run) for run in self.openclaw.transcript]).encode()


class SimulatedDraft:
    def __init__(self, folder: StateFolder, size: int) -> None:
        self._folder, self._body = folder, bytearray(size)

    def write(self, path: str, offset: int, content: bytes) -> None:
        self._body[offset : offset + len(content)] = content

    def finish(self) -> None:
        openclaw, body = self._folder.openclaw, bytes(self._body)
        openclaw.transcript[:] = [Run(**{**row, "boot": 0}) for row in json.loads(body)]
        answered = [run.message_id for run in openclaw.transcript if run.state == "done"]
        self._folder.history.note("restored", user=openclaw.user, digest=digest(body), answered=answered)

    def discard(self) -> None:
        self._body.clear()


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:16]
