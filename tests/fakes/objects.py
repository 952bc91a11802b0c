"""S3 in memory, with faults to order. Agrees with S3Objects by the same contract suite."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from chalicelib.domain.attachment import File
from chalicelib.domain.generations import Stored
from chalicelib.errors import ConditionFailed, StorageUnavailable
from chalicelib.ports import Blob, Clock, Form, Head
from tests.fakes.clock import FakeClock


class MemoryObjects:
    """`refuses` decides of each call ("put users/…") whether S3 is away; `loses` whether only its answer is lost."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.bodies: dict[str, bytes] = {}
        self.modified: dict[str, datetime] = {}
        self.forms: dict[str, tuple[str, str]] = {}  # names and types of those for a browser
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.heads: dict[str, Head] = {}
        self.calls: list[str] = []
        self.refuses: Callable[[str], bool] = lambda call: False
        self.loses: Callable[[str], bool] = lambda call: False
        self._lock = threading.Lock()

    def get(self, key: str) -> Blob | None:
        self._note(f"get {key}")
        with self._lock:
            return Blob(self.bodies[key], self._tag(key)) if key in self.bodies else None

    def put(self, key: str, body: bytes) -> None:
        self._note(f"put {key}")
        self._keep(key, body)
        self._answer(f"put {key}")

    def put_file(self, key: str, body: bytes, name: str, mime_type: str) -> None:
        self.put(key, body)
        self.forms[key] = name, mime_type

    def replace(self, key: str, body: bytes, etag: str | None) -> str:
        self._note(f"replace {key}")
        if etag != (self._tag(key) if key in self.bodies else None):
            raise ConditionFailed(f"{key} has another tag")
        self._keep(key, body)
        self._answer(f"replace {key}")
        return self._tag(key)

    def size(self, key: str) -> int | None:
        self._note(f"size {key}")
        return len(self.bodies[key]) if key in self.bodies else None

    def head(self, key: str) -> Head | None:
        self._note(f"head {key}")
        if key not in self.bodies:
            return None
        return self.heads.get(key) or Head(len(self.bodies[key]), "binary/octet-stream")

    def form(self, key: str, file: File, lifetime: timedelta) -> Form:
        fields = {"key": key, "Content-Type": file.mime_type, "name": file.name, "most": str(file.size)}
        return Form("https://s3.test/", fields)

    def take(self, fields: Mapping[str, str], body: bytes) -> None:
        """What a page posts with the fields of a form."""
        assert 1 <= len(body) <= int(fields["most"]), "the form takes no more"
        self._keep(fields["key"], body)
        self.heads[fields["key"]] = Head(len(body), fields["Content-Type"], fields["name"])

    def list(self, prefix: str) -> list[Stored]:
        self._note(f"list {prefix}")
        return [Stored(key, self.modified[key]) for key in sorted(self.bodies) if key.startswith(prefix)]

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._note(f"delete {key}")
            self.bodies.pop(key, None)

    def presign(self, key: str, filename: str | None, lifetime: timedelta) -> str:
        return f"https://s3.test/{key}?as={filename}&for={lifetime.total_seconds():.0f}"

    def begin(self, key: str) -> str:
        self._note(f"begin {key}")
        self.uploads.setdefault(key, {})
        return f"upload of {key}"

    def parts(self, key: str, upload: str) -> Mapping[int, str]:
        return {number: _hash(body) for number, body in self.uploads.get(key, {}).items()}

    def add_part(self, key: str, upload: str, number: int, body: bytes) -> str:
        self._note(f"add_part {key} {number}")
        self.uploads[key][number] = body
        return _hash(body)

    def finish(self, key: str, upload: str, parts: Mapping[int, str]) -> None:
        self._note(f"finish {key}")
        whole = self.uploads.pop(key)
        assert {number: _hash(body) for number, body in whole.items()} == dict(parts)
        self._keep(key, b"".join(whole[number] for number in sorted(whole)))

    def keys(self, part: str = "") -> Sequence[str]:
        return sorted(key for key in self.bodies if part in key)

    def uploaded(self) -> int:
        """How many writes were asked for."""
        return sum(call.startswith(("put", "replace")) for call in self.calls)

    def damage(self, key: str) -> None:
        body = self.bodies[key]
        self.bodies[key] = body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :]

    def _keep(self, key: str, body: bytes) -> None:
        with self._lock:
            self.bodies[key], self.modified[key] = body, self.clock()

    def _tag(self, key: str) -> str:
        return _hash(self.bodies[key])

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if self.refuses(call):
            raise StorageUnavailable(f"503 for {call}")

    def _answer(self, call: str) -> None:
        if self.loses(call):
            raise StorageUnavailable(f"no answer to {call}")


def _hash(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'
