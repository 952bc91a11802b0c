"""A file that came with a message: named in the inbox, fetched by the container, never read by the cloud side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.lengths import KILOBYTE, TEXT_BYTES
from chalicelib.errors import InvalidMessage, MessageTooLarge

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE  # OpenClaw takes 19 MB on its socket, Telegram gives bots 20 MB
MOST_TOGETHER = 18 * MEGABYTE  # of one message
MOST_IMAGE_BYTES = 6 * MEGABYTE  # OpenClaw's own limit
UPLOADS: Mapping[str, int] = {"text/plain": TEXT_BYTES}  # what a page may upload, and how many bytes of it
MOST_UPLOADS = 5  # of one message: their ids share its frame
NAME_LENGTH = 100
UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\\u2028\u2029]+")


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


def upload(id: str, name: str, mime_type: str, size: int) -> File:
    """A file that may be uploaded. Raises InvalidMessage, MessageTooLarge, with words for the person."""
    kind = mime_type.partition(";")[0].strip().lower()
    if kind not in UPLOADS:
        raise InvalidMessage(f"a file of type {kind[:60]!r} cannot be attached; possible: {', '.join(UPLOADS)}")
    if size < 1:
        raise InvalidMessage(f"{clean_name(name)} is empty")
    if size > UPLOADS[kind]:
        most = UPLOADS[kind] // KILOBYTE
        raise MessageTooLarge(f"{clean_name(name)} has {-(-size // KILOBYTE)} KB, at most {most} KB can be attached")
    return File(id, clean_name(name), kind, size)


def upload_key(user_id: str, upload_id: str) -> str:
    """Where it lies in the bucket; both are ids that lead nowhere else."""
    assert "/" not in user_id + upload_id, "an id must not lead into another's keys"
    return f"users/{user_id}/uploads/{upload_id}"


def clean_name(name: str) -> str:
    return UNSAFE.sub("_", name).strip()[:NAME_LENGTH] or "text.txt"


def is_text(content: bytes) -> bool:
    """UTF-8 without the bytes that no text has."""
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False
