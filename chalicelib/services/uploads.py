"""Uploads: files that a page sends straight to the bucket, and what a message that names them must keep to.

The page says what it wants to upload and gets a form for that and nothing else. When the message comes, the object is
looked at again: what is in the bucket counts, not what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.attachment import File, upload, upload_key
from chalicelib.domain.limits import BYTES
from chalicelib.domain.protocol import attachment
from chalicelib.domain.times import to_text
from chalicelib.errors import InvalidMessage
from chalicelib.ports import Clock, Form, NewId, Objects
from chalicelib.services.rate_limits import RateLimits

LIFETIME = timedelta(minutes=15)  # of the form; the upload must have begun by then


@dataclass(frozen=True)
class UploadOffer:
    file: File
    form: Form
    expires_at: datetime

    def fields(self) -> dict[str, Any]:
        """As REST shows it."""
        where = {"url": self.form.url, "fields": dict(self.form.fields), "expiresAt": to_text(self.expires_at)}
        return attachment(self.file) | where


@dataclass(frozen=True)
class Uploads:
    objects: Objects
    clock: Clock
    new_secret: NewId
    limits: RateLimits

    def offer(self, user_id: str, body: Mapping[str, Any]) -> UploadOffer:
        """Raises InvalidMessage, MessageTooLarge, RateLimited."""
        name, mime_type, size = body.get("name"), body.get("mimeType"), body.get("bytes")
        if not isinstance(name, str) or not isinstance(mime_type, str):
            raise InvalidMessage("name or mimeType is missing, wanted a text each")
        if not isinstance(size, int) or isinstance(size, bool):
            raise InvalidMessage("bytes is missing, wanted a whole number")
        file = upload(_uuid(self.new_secret()), name, mime_type, size)
        self.limits.take(user_id, BYTES, size)
        form = self.objects.form(upload_key(user_id, file.id), file, LIFETIME)
        return UploadOffer(file, form, self.clock() + LIFETIME)

    def find(self, user_id: str, ids: Sequence[str]) -> tuple[File, ...]:
        """The user's own uploads. Raises InvalidMessage, MessageTooLarge, StorageUnavailable."""
        return tuple(self._find(user_id, each) for each in ids)

    def _find(self, user_id: str, id: str) -> File:
        found = self.objects.head(upload_key(user_id, id))
        if found is None:
            raise InvalidMessage("an attached file is not there, or not any more; attach it again")
        return upload(id, found.name, found.mime_type, found.size)


def _uuid(secret: str) -> str:
    return f"{secret[:8]}-{secret[8:12]}-4{secret[13:16]}-a{secret[17:20]}-{secret[20:32]}"
