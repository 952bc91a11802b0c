"""Files in the Bot API: forms as multipart, and what the real server refuses of them.

https://core.telegram.org/bots/api#sending-files
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from typing import Any

Json = dict[str, Any]
MEGABYTE = 1024 * 1024
MOST = {"photo": 10 * MEGABYTE, "document": 50 * MEGABYTE}
PNG = b"\x89PNG\r\n\x1a\n"
PICTURES = (PNG, b"\xff\xd8\xff", b"RIFF")
ATTACHED = "attach://"


class Refused(Exception):
    """With Telegram's words."""


@dataclass(frozen=True)
class Uploaded:
    name: str
    mime_type: str
    content: bytes


def read_form(content_type: str, body: bytes) -> Json:
    """The fields of a multipart form; a part with a file name is a file, all others are text."""
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = BytesParser(policy=policy.HTTP).parsebytes(head + body)
    assert message.is_multipart() and not message.defects, "not a form"
    return {_name(part): _value(part) for part in message.iter_parts()}


def take_photo_or_document(call: Json, kind: str) -> Uploaded:
    """The file of sendPhoto or sendDocument."""
    return _checked(call.get(kind), kind)


def take_media(call: Json) -> tuple[str, Uploaded]:
    """Kind and file of editMessageMedia."""
    media = json.loads(call["media"])
    if not isinstance(media, dict) or media.get("type") not in MOST:
        raise Refused("can't parse InputMedia: type must be one of photo, document")
    wanted = str(media.get("media", ""))
    if not wanted.startswith(ATTACHED):
        raise Refused("wrong file identifier/HTTP URL specified")
    return media["type"], _checked(call.get(wanted.removeprefix(ATTACHED)), media["type"])


def _checked(file: Any, kind: str) -> Uploaded:
    if not isinstance(file, Uploaded):
        raise Refused(f"there is no {kind} in the request")
    if not file.content:
        raise Refused("file must be non-empty")
    if len(file.content) > MOST[kind]:
        raise Refused("file is too big")
    if kind == "photo":
        _look_at(file.content)
    return file


def _look_at(content: bytes) -> None:
    if not content.startswith(PICTURES):
        raise Refused("IMAGE_PROCESS_FAILED")
    if content.startswith(PNG):
        width, height = struct.unpack(">II", content[16:24])
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise Refused("PHOTO_INVALID_DIMENSIONS")


def _name(part: Any) -> str:
    return str(part.get_param("name", header="content-disposition"))


def _value(part: Any) -> str | Uploaded:
    content = part.get_payload(decode=True)
    name = part.get_filename()
    return content.decode() if name is None else Uploaded(name, part.get_content_type(), content)
