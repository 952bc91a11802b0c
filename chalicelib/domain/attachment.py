"""A file that came with a message: named in the inbox, fetched by the container, never stored by the cloud side."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE  # OpenClaw takes 19 MB on its socket, Telegram gives bots 20 MB
MOST_TOGETHER = 18 * MEGABYTE  # of one message
MOST_IMAGE_BYTES = 6 * MEGABYTE  # OpenClaw's own limit


@dataclass(frozen=True)
class File:
    id: str  # what its channel knows it by
    name: str
    mime_type: str
    size: int  # bytes, as the channel says; 0 where it does not
    optional: bool = False  # the message is answered without it, if it cannot be had

    @property
    def limit(self) -> int:
        return MOST_IMAGE_BYTES if self.mime_type.startswith("image/") else MOST_BYTES

    @property
    def too_large(self) -> bool:
        return self.size > self.limit
