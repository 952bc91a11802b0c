"""S3 in the simulation: the objects in memory, with 503, lost answers and time. Notes what manifests say."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from chalicelib.domain.attachment import File
from chalicelib.domain.generations import Stored
from chalicelib.errors import ConditionFailed, StorageUnavailable
from chalicelib.ports import Blob, Form, Head
from tests.fakes.objects import MemoryObjects
from tests.simulation.ports import Line

Result = TypeVar("Result")
CALL = (0.01, 0.08)


class SimulatedObjects:
    """Implements what backups use of the port `Objects`."""

    def __init__(self, line: Line) -> None:
        self.inner = MemoryObjects(line.scheduler.clock)
        self._back_at = -1.0  # the end of an outage
        self._line = line

    def get(self, key: str) -> Blob | None:
        return self._call(lambda: self.inner.get(key))

    def put(self, key: str, body: bytes) -> None:
        self._call(lambda: self.inner.put(key, body))

    def put_file(self, key: str, body: bytes, name: str, mime_type: str) -> None:
        self._call(lambda: self.inner.put_file(key, body, name, mime_type))

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        def effect() -> str:
            before = self.inner.bodies.get(key)
            tag = self.inner.replace(key, body, etag)
            self._note(key, before, body)
            return tag

        if self._line.faults.strike("s3_repeat"):  # the SDK's second try meets its own effect
            self._line.history.count("manifest written twice by the SDK")
            effect()
            raise ConditionFailed(f"{key} has another tag")
        return self._call(effect)

    def size(self, key: str) -> int | None:
        return self._call(lambda: self.inner.size(key))

    def head(self, key: str) -> Head | None:
        return self._call(lambda: self.inner.head(key))

    def form(self, key: str, file: File, lifetime: timedelta) -> Form:
        return self.inner.form(key, file, lifetime)

    def list(self, prefix: str) -> Sequence[Stored]:
        return self._call(lambda: self.inner.list(prefix))

    def delete(self, keys: Sequence[str]) -> None:
        self._call(lambda: self.inner.delete(keys))

    def presign(self, key: str, filename: str | None, lifetime: timedelta) -> str:
        return self.inner.presign(key, filename, lifetime)

    def begin(self, key: str) -> str:
        return self._call(lambda: self.inner.begin(key))

    def parts(self, key: str, upload: str) -> Mapping[int, str]:
        return self._call(lambda: self.inner.parts(key, upload))

    def add_part(self, key: str, upload: str, number: int, body: bytes) -> str:
        return self._call(lambda: self.inner.add_part(key, upload, number, body))

    def finish(self, key: str, upload: str, parts: Mapping[int, str]) -> None:
        self._call(lambda: self.inner.finish(key, upload, parts))

    def _call(self, effect: Callable[[], Result]) -> Result:
        faults = self._line.faults
        self._line.travel(CALL)
        now = self._line.scheduler.now
        if faults.strike("s3_outage"):
            self._back_at = now + faults.between(20, 90)
        if now < self._back_at or faults.strike("s3_error"):
            self._line.history.count("S3 did not answer")
            raise StorageUnavailable("503")
        result = effect()
        if faults.strike("s3_lost"):
            self._line.travel((1.0, 5.0))
            raise StorageUnavailable("no answer")
        self._line.travel(CALL)
        return result

    def _note(self, key: str, before: bytes | None, after: bytes) -> None:
        process = self._line.scheduler.process
        old: Any = json.loads(before) if before else {"epoch": 0, "points": []}
        new: Any = json.loads(after)
        self._line.history.note(
            "manifest",
            user=key.split("/")[1],
            writer=process.epoch if process else None,
            epochs=(old["epoch"], new["epoch"]),
            before=[point["number"] for point in old["points"]],
            points=[point["number"] for point in new["points"]],
        )
