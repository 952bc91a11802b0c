"""The state folder of a simulated OpenClaw: its transcript, and a database that others hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict

from chalicelib.domain.listing import Listing
from container.bridge.backup.limits import WAIT
from container.bridge.backup.ports import PathKind, Seen, Torn
from tests.simulation.openclaw import OpenClaw
from tests.simulation.transcript import Run

PATH = "agents/transcript.json"
HELD = "workspace/browser.sqlite"
FOR_EVER = 1e9


class StateFolder:
    """Implements the bridge's port of that name."""

    def __init__(self, openclaw: OpenClaw) -> None:
        self.openclaw = openclaw
        self.history = openclaw.line.history
        self.held_until = -1.0

    def scan(self) -> dict[str, Seen]:
        return {PATH: Seen(PathKind.FILE, 0o600, 0, digest(self.body)), HELD: Seen(PathKind.FILE, 0o600)}

    def read(self, path: str) -> Iterator[bytes]:
        if path == HELD:
            self.wait_for_holder()
            return iter([b"profile"])
        body = self.body
        self.history.note("copied", user=self.openclaw.user, digest=digest(body))
        return iter([body])

    def read_bytes(self, path: str) -> Iterator[bytes]:
        return iter([b"profile, as it lies there"])

    def capacity(self) -> int:
        return 1024**4

    def wait_for_holder(self) -> None:
        """As long as a bridge waits for one database, then not. Raises Torn."""
        line = self.openclaw.line
        if line.faults.strike("held"):
            seconds = FOR_EVER if line.faults.between(0, 1) < 0.3 else line.faults.between(20, 200)
            self.held_until = line.scheduler.now + seconds
            self.history.count("a database was held while it was saved")
        if line.scheduler.now < self.held_until:
            self.stand(WAIT)
            raise Torn("somebody holds it", resting=False)

    def stand(self, seconds: float) -> None:
        """Waits for whoever holds it."""
        self.openclaw.line.travel((seconds, seconds))

    def draft(self, listing: Listing) -> SimulatedDraft:
        return SimulatedDraft(self, listing)

    @property
    def body(self) -> bytes:
        return json.dumps([asdict(run) for run in self.openclaw.transcript]).encode()


class SimulatedDraft:
    def __init__(self, folder: StateFolder, listing: Listing) -> None:
        self._folder, self._body = folder, bytearray(listing.files[PATH].size)

    def write(self, path: str, offset: int, content: bytes) -> None:
        if path == PATH:
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
