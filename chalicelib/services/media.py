"""Where a file that came with an answer is, for a while, and for its owner only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.conversation import media_key
from chalicelib.domain.times import to_text
from chalicelib.errors import NotFound
from chalicelib.ports import Clock, Objects

LIFETIME = timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    url: str
    expires_at: datetime

    def fields(self) -> dict[str, Any]:
        return {"url": self.url, "expiresAt": to_text(self.expires_at)}


@dataclass(frozen=True)
class MediaService:
    objects: Objects
    clock: Clock

    def find(self, user_id: str, media_id: str) -> Place:
        """Raises NotFound where this owner has no such file."""
        key = media_key(user_id, media_id)
        if self.objects.size(key) is None:
            raise NotFound("there is no such file")
        return Place(self.objects.presign(key, None, LIFETIME), self.clock() + LIFETIME)
