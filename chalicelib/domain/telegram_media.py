"""A file of an answer as a chat of Telegram shows it. https://core.telegram.org/bots/api#sending-files"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chalicelib.domain.kept import Media

MOST_PHOTO_BYTES = 10 * 1024 * 1024  # a document may have 50 MB, which is more than an answer brings
PHOTOS = ("image/jpeg", "image/png", "image/webp")  # a GIF moves only as a document
FileKind = Literal["photo", "document"]


@dataclass(frozen=True)
class ChatFile:
    kind: FileKind
    name: str
    mime_type: str
    content: bytes


def kinds_of(media: Media) -> tuple[FileKind, ...]:
    """As what it may be shown, best first: Telegram refuses photos for their shape too."""
    is_photo = media.mime_type in PHOTOS and media.bytes <= MOST_PHOTO_BYTES
    return ("photo", "document") if is_photo else ("document",)
